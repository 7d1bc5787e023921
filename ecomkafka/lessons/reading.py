"""Reading by hand to the end of a log: what a lesson's own consumers need, and `for record in consumer` does not do."""

import time
from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer

from ecomkafka.clients.reader import unread

SECONDS = 30.0


def to_end(consumer: KafkaConsumer, timeout: float = SECONDS) -> Iterator[Any]:
    """Each record from the consumer's position to the end of its partitions as it is now, one per poll: so `commit()`
    commits the offset after the record in hand. TimeoutError if the end is not reached in time.
    """
    ends = consumer.end_offsets(list(consumer.assignment()))
    deadline = time.monotonic() + timeout
    while left := unread(consumer, ends):
        if time.monotonic() > deadline:
            names = ", ".join(f"{place.topic}:{place.partition}" for place in left)
            raise TimeoutError(f"{names}: the end was not reached in {timeout:.0f} s")
        for records in consumer.poll(timeout_ms=100, max_records=1).values():
            yield from records
