"""A thousand connections at a gateway that is killed three times, slow clients and half requests among them: each order
that was accepted is placed, once.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from ecomkafka.chaos.plan import GATEWAY
from ecomkafka.clients.reader import read
from ecomkafka.machine.open_files import allow_open_files
from ecomkafka.messages import OrderCreated
from tests.proof.load import SERVICES, Load, load
from tests.waiting import eventually

CLIENTS, SLOW, HALF = 1_000, 50, 50
KILLS = 3
ANSWER_SECONDS = 15.0
ORDER = {"items": [{"product_id": "MOUSE-001", "quantity": 1}]}

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Crowd:
    """Each client has a connection and an order of its own, and insists with its key until the order is accepted."""

    def __init__(self, running: Load) -> None:
        self._running, self._port = running, running.shop.gateway_port
        self._open = 0
        self.most = 0
        """Connections at a time."""
        self.ids: dict[int, str] = {}
        """Of each client the order that was accepted."""

    async def come(self) -> None:
        others = [self._speak_slowly for _ in range(SLOW)] + [self._leave_in_the_middle for _ in range(HALF)]
        tasks = [asyncio.create_task(other()) for other in others]
        await asyncio.gather(*(self._insist(number) for number in range(CLIENTS)), *tasks)

    async def _insist(self, number: int) -> None:
        while number not in self.ids:
            with suppress(OSError, EOFError, TimeoutError):  # killed, most likely: the same order again, with its key
                async with self._connected() as connection:
                    while number not in self.ids:
                        await self._ask(number, connection)
            await asyncio.sleep(number / CLIENTS)

    async def _ask(self, number: int, connection: Connection) -> None:
        reader, writer = connection
        writer.write(_request(f"crowd-{number}", "crowd"))
        async with asyncio.timeout(ANSWER_SECONDS):
            status, headers, body = await _answer(reader)
        if status == 202:
            self.ids[number] = json.loads(body)["order_id"]
            self._running.accepted(self.ids[number])
        else:
            assert status in (429, 503), body
            await asyncio.sleep(float(headers["retry-after"]) + number / CLIENTS)

    async def _speak_slowly(self) -> None:
        """A byte of the header each second, until the gateway has enough of it."""
        while len(self.ids) < CLIENTS:
            with suppress(OSError):
                async with self._connected() as (reader, writer):
                    for byte in _request("slow", "slow-speaker"):
                        writer.write(bytes([byte]))
                        with suppress(TimeoutError):
                            await asyncio.wait_for(reader.read(), 1.0)
                            break
            await asyncio.sleep(0.2)

    async def _leave_in_the_middle(self) -> None:
        """All of the header, half of the body."""
        while len(self.ids) < CLIENTS:
            with suppress(OSError):
                async with self._connected() as (_, writer):
                    writer.write(_request("half", "quitter")[:-20])
                    await writer.drain()
            await asyncio.sleep(0.5)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            yield reader, writer
        finally:
            self._open -= 1
            writer.close()


def _request(key: str, customer: str) -> bytes:
    body = json.dumps({"customer_id": customer, **ORDER}).encode()
    head = f"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nIdempotency-Key: {key}\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(first.split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


@pytest.mark.timeout(900)
def test_a_thousand_connections_and_kills_lose_and_double_no_accepted_order() -> None:
    allow_open_files(4_000)
    with load(services=(*SERVICES, GATEWAY)) as running:
        crowd = Crowd(running)
        thread = threading.Thread(target=asyncio.run, args=(crowd.come(),), daemon=True)
        thread.start()
        for kill in range(KILLS):
            enough = (kill + 1) * CLIENTS // (KILLS + 1)
            eventually(lambda enough=enough: len(crowd.ids) >= enough, f"{enough} orders are accepted", timeout=120.0)
            running.strike("kill", GATEWAY, 1.0)
        thread.join(120)
        assert len(crowd.ids) == CLIENTS
        assert crowd.most >= CLIENTS
        created = [
            r.message for r in read(running.shop.cluster, "orders.events") if isinstance(r.message, OrderCreated)
        ]
        assert {event.order_id for event in created} == set(crowd.ids.values())
        assert len(set(crowd.ids.values())) == CLIENTS
        assert {event.customer_id for event in created} == {"crowd"}, "half a request is no order"
        assert running.violations() == {}
