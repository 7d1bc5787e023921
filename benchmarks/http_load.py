"""Web clients that order without a pause: each has a connection, and asks again as soon as it was answered."""

import asyncio
import time

ANSWER_SECONDS = 30.0
BODY = (
    b'{"customer_id":"ann","items":[{"product_id":"LAPTOP-001","quantity":1},{"product_id":"MOUSE-001","quantity":2}]}'
)
HEAD = b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(BODY)
ACCEPTED = b"HTTP/1.1 202 "


def orders_by_http(port: int, connections: int, count: int, keys: bool = True) -> tuple[float, list[float]]:
    """Place `count` orders at that port of this machine: the seconds that all took, and those of each request.

    `keys`: each order has an Idempotency-Key. Raises RuntimeError for any answer but 202.
    """
    return asyncio.run(_all(port, connections, count, keys))


async def _all(port: int, connections: int, count: int, keys: bool) -> tuple[float, list[float]]:
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    run, numbers, seconds = time.time_ns(), iter(range(count)), []

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in numbers:
            key = b"Idempotency-Key: %d-%d\r\n" % (run, number) if keys else b""
            sent = time.perf_counter()
            writer.write(HEAD + key + b"\r\n" + BODY)
            await _accepted(reader)
            seconds.append(time.perf_counter() - sent)

    started = time.perf_counter()
    try:
        async with asyncio.timeout(ANSWER_SECONDS + count / 10):
            await asyncio.gather(*(client(*connection) for connection in opened))
    finally:
        for _, writer in opened:
            writer.close()
    return time.perf_counter() - started, seconds


async def _accepted(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    body = await reader.readexactly(int(length))
    if not head.startswith(ACCEPTED):
        raise RuntimeError(f"an order was not accepted: {head!r:.300} {body!r:.300}")
