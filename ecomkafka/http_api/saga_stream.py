"""An order's saga as it happens: server-sent events (WHATWG HTML, 9.2), one for each record that the order causes.

It is read from the log itself, so an order of long ago tells its whole story as well.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
from kafka import KafkaConsumer
from litestar.response import ServerSentEventMessage

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of, to_record
from ecomkafka.clients.record import Record
from ecomkafka.flow import CODECS

LONGEST_SECONDS = 60.0
QUIET_SECONDS = 1.0
"""After the customer was told of the order's end, and nothing more has come for so long, the story is over."""
SIGN_OF_LIFE_SECONDS = 10.0
_EARLIER = timedelta(seconds=60)
LAST = ("NOTIFICATION_SENT", "NOTIFICATION_FAILED")


async def follow(
    cluster: Cluster, order_id: str, placed: datetime | None, is_closing: Callable[[], bool]
) -> AsyncIterator[ServerSentEventMessage]:
    """The records of the order, each once, causes mostly before effects; ends with the saga, or after a minute."""
    pool = ThreadPoolExecutor(1, "gateway-stream")  # a consumer belongs to one thread
    run = partial(asyncio.get_running_loop().run_in_executor, pool)
    story = _Story(cluster, order_id)
    end, told, over = time.monotonic() + LONGEST_SECONDS, time.monotonic(), False
    try:
        await run(story.open, placed)
        while not is_closing() and time.monotonic() < end:
            for record in await run(story.more):
                over = over or (record.message is not None and record.message.type in LAST)
                told = time.monotonic()
                yield _event(record)
            silent = time.monotonic() - told
            if over and silent > QUIET_SECONDS:
                return
            if silent > SIGN_OF_LIFE_SECONDS:
                told = time.monotonic()
                yield ServerSentEventMessage(comment="nothing new")
    finally:
        pool.submit(story.close)
        pool.shutdown(wait=False)


def _event(record: Record) -> ServerSentEventMessage:
    kind = record.message.type if record.message else "?"
    data = {"topic": record.topic, "type": kind, "at": record.timestamp, "cause": record.header("causation")}
    return ServerSentEventMessage(event=kind, id=str(record.position), data=msgspec.json.encode(data).decode())


class _Story:
    """All topics, read from when the order was placed."""

    def __init__(self, cluster: Cluster, order_id: str) -> None:
        self._cluster, self._order_id = cluster, order_id
        self._consumer: KafkaConsumer | None = None

    def open(self, placed: datetime | None) -> None:
        since = min(placed or datetime.max.replace(tzinfo=UTC), datetime.now(UTC) - _EARLIER)
        self._consumer = consumer = self._cluster.consumer()
        partitions = [p for topic in CODECS for p in partitions_of(consumer, self._cluster, topic)]
        consumer.assign(partitions)
        found = consumer.offsets_for_times(dict.fromkeys(partitions, int(1_000 * since.timestamp())))
        ends = consumer.end_offsets(partitions)
        for partition in partitions:
            first = found.get(partition)
            consumer.seek(partition, ends[partition] if first is None else first.offset)

    def more(self) -> list[Record]:
        """What has come since, by its time."""
        assert self._consumer is not None
        records = [
            to_record(self._cluster, raw)
            for batch in self._consumer.poll(timeout_ms=200).values()
            for raw in batch
            if ("correlation", self._order_id.encode()) in raw.headers
        ]
        return sorted(records, key=lambda record: record.timestamp)

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
