"""Bad records on demand: duplicates, bytes that are no message, records that are too large or of an unknown type."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import msgspec

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.invariants.facts import COPY_OF

POISON = b'{"type": "ORDER_CREATED", "order_id": 7'
"""Bytes that are half a message."""

KEY = b"ORD-7"
"""An order's, as its topics have it: a key does not say what is wrong with the value."""

ACK_SECONDS = 10.0


def unknown() -> bytes:
    """A message of a type that does not exist."""
    return msgspec.json.encode({"type": "ORDER_EATEN", "order_id": "O-1", "at": "2026-01-05T12:00:00Z"})


def oversized() -> bytes:
    """JSON of 1.5 MB: the topic takes it, and it may be too large for quarantine with its headers."""
    return b'{"type": "ORDER_EATEN", "padding": "' + b"x" * 1_500_000 + b'"}'


def put(cluster: Cluster, topic: str, *values: bytes, partition: int = 0) -> None:
    """Write `values` unchanged."""
    with _producer(cluster) as producer:
        for value in values:
            producer.send(cluster.name(topic), key=KEY, value=value, partition=partition).get(timeout=ACK_SECONDS)


def repeat(cluster: Cluster, *topics: str) -> int:
    """Write every record of `topics` once more, behind the others of its partition; returns how many.

    As a producer without idempotence does. A copy says of what it is one: the invariants count what the shop does,
    and not what a fault writes.
    """
    records = [record for record in read(cluster, *topics) if record.header(COPY_OF) is None]
    with _producer(cluster) as producer:
        futures = [
            producer.send(
                cluster.name(record.topic),
                key=record.key,
                value=record.value,
                headers=[*record.headers, (COPY_OF, str(record.position).encode())],
                partition=record.partition,
            )
            for record in records
        ]
        for future in futures:
            future.get(timeout=ACK_SECONDS)
    return len(records)


@contextmanager
def _producer(cluster: Cluster) -> Iterator[Any]:
    with closing(cluster.producer(max_request_size=4_000_000)) as producer:
        yield producer
