"""The cost of a transaction: the same consume-produce loop, with different numbers of records per transaction.

The loop is the bare one: poll, send, offsets, commit, on the clients as `Cluster` sets them up, with no domain behind.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from statistics import median, quantiles
from typing import Any

import pandas as pd
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.admin import NewTopic

from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import delete
from ecomkafka.clients.transaction import TransactionalProducer

SIZES = (1, 5, 20, 100, 500)
VALUE = b"x" * 300
"""About as long as an order's message."""

QUARTILES = ("ms, first quartile", "ms, third quartile")
"""Columns of `measure`: half of the transactions took between the two."""

_IN, _OUT = "transaction-cost.in", "transaction-cost.out"
_SECONDS = 15.0
_ROUNDS = 4


def measure(cluster: Cluster, sizes: Sequence[int] = SIZES, seconds: float = 1.0, most: int = 8_000) -> pd.DataFrame:
    """One row per size: records of a transaction, transactions made, of the median one records/s and ms, and the
    quartiles of the ms.
    """
    rows = []
    for size, taken in timings(cluster, sizes, seconds, most).items():
        first, _, third = quantiles(taken, n=4)
        times = [1_000 * value for value in (median(taken), first, third)]
        rows.append((size, len(taken), size / median(taken), *times))
    return pd.DataFrame(rows, columns=["records", "transactions", "records/s", "ms per transaction", *QUARTILES])


def timings(cluster: Cluster, sizes: Sequence[int], seconds: float, most: int) -> dict[int, list[float]]:
    """For each size the seconds of each of its transactions.

    The loop runs for `seconds` a size or until it has copied `most` records, once warm. It does so in rounds, each with
    all sizes: a broker gets faster in its first seconds, and that shall favour none. Its topics are deleted at the end.
    """
    with _topics(cluster), closing(cluster.consumer("transaction-cost", max_poll_records=max(sizes))) as consumer:
        source = TopicPartition(cluster.name(_IN), 0)
        consumer.assign([source])
        _fill(cluster, most)
        with TransactionalProducer(cluster, "transaction-cost") as producer:
            _copy(producer, consumer, [next(_polled(consumer, source))], cluster)  # the first one is the slow one
            taken: dict[int, list[float]] = {size: [] for size in sizes}
            for _ in range(_ROUNDS):
                for size in sizes:
                    taken[size] += _timed(producer, consumer, cluster, size, seconds / _ROUNDS, most // _ROUNDS)
            return taken


def _timed(
    producer: TransactionalProducer, consumer: KafkaConsumer, cluster: Cluster, size: int, seconds: float, most: int
) -> list[float]:
    (source,) = consumer.assignment()
    consumer.seek(source, 0)
    records = _polled(consumer, source)
    first = next(records)  # what follows is fetched by now
    taken: list[float] = []
    batch = [first, *islice(records, size - 1)]
    while True:
        began = time.perf_counter()
        _copy(producer, consumer, batch, cluster)
        taken.append(time.perf_counter() - began)
        if sum(taken) > seconds or (len(taken) + 1) * size > most:
            return taken
        batch = list(islice(records, size))


def _copy(producer: TransactionalProducer, consumer: KafkaConsumer, batch: Sequence[Any], cluster: Cluster) -> None:
    producer.begin()
    for record in batch:
        producer.send(cluster.name(_OUT), record.key, record.value, [])
    place = TopicPartition(batch[-1].topic, batch[-1].partition)
    producer.commit({place: OffsetAndMetadata(batch[-1].offset + 1, "", -1)}, consumer.group_metadata())


def _polled(consumer: KafkaConsumer, source: TopicPartition) -> Iterator[Any]:
    """The records of `source` from the consumer's position on; TimeoutError if none comes for long."""
    while records := consumer.poll(timeout_ms=int(1_000 * _SECONDS)).get(source):
        yield from records
    raise TimeoutError(f"no record of {source.topic} came in {_SECONDS:.0f} s")


def _fill(cluster: Cluster, records: int) -> None:
    with closing(cluster.producer()) as producer:
        for number in range(records + 1):
            producer.send(cluster.name(_IN), key=str(number).encode(), value=VALUE, partition=0)
        producer.flush(timeout=_SECONDS)


@contextmanager
def _topics(cluster: Cluster) -> Iterator[None]:
    """Two topics of one partition, gone afterwards."""
    names = [cluster.name(name) for name in (_IN, _OUT)]
    with closing(cluster.admin()) as admin:
        admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=-1) for name in names])
        admin.wait_for_topics(names, timeout_ms=15_000)
        try:
            yield
        finally:
            delete(admin, names)
