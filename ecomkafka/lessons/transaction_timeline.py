"""The requests of one transaction over time: sent by KafkaProducer, and by the shop's producer.

Each writes to three partitions and commits an offset, through a `Proxy` that takes the times of what passes it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import pandas as pd
from kafka import OffsetAndMetadata, TopicPartition
from kafka.admin import NewTopic
from kafka.protocol.api_key import ApiKey
from kafka.structs import ConsumerGroupMetadata

from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import delete
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.faults.network_proxy import Exchange, Proxy

OF_A_TRANSACTION = (
    *(ApiKey.AddPartitionsToTxn, ApiKey.Produce),
    *(ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn),
)
VERSION_1, VERSION_2 = "version 1 (KafkaProducer)", "version 2 (the shop's producer)"
_PARTITIONS = (0, 1, 2)
_TOPIC = _GROUP = "transaction-timeline"
_SECONDS = 15.0

Transaction = Callable[[], None]


def measure(cluster: Cluster, transactions: int = 50) -> pd.DataFrame:
    """One row per request of a transaction, by version: when it was asked and answered, in ms from the first one.

    Of so many transactions it is the middle one by time, of those that had to ask nothing twice. They have a topic of
    their own, which is deleted at the end.
    """
    with _topic(cluster), Proxy() as proxy:
        rows = [
            (version, request.api.name, 1_000 * (request.asked - first), 1_000 * (request.answered - first))
            for version, producer in ((VERSION_1, _kafka_producer), (VERSION_2, _our_producer))
            for middle in [_middle(proxy, producer(proxy.through(cluster)), transactions)]
            for first in [middle[0].asked]
            for request in middle
        ]
    return pd.DataFrame(rows, columns=["version", "request", "asked", "answered"])


def _middle(proxy: Proxy, producer: AbstractContextManager[Transaction], transactions: int) -> list[Exchange]:
    with producer as transact:
        transact()  # the first one learns who leads and who coordinates
        seen = [_watched(proxy, transact) for _ in range(transactions)]
    fewest = min(map(len, seen))
    plain = sorted((each for each in seen if len(each) == fewest), key=lambda each: each[-1].answered - each[0].asked)
    return plain[len(plain) // 2]


def _watched(proxy: Proxy, transact: Transaction) -> list[Exchange]:
    with proxy.watched() as seen:
        transact()
    return sorted((each for each in seen if each.api in OF_A_TRANSACTION), key=lambda each: each.asked)


@contextmanager
def _kafka_producer(cluster: Cluster) -> Iterator[Transaction]:
    with closing(cluster.producer("timeline-1")) as producer:
        producer.init_transactions()

        def transact() -> None:
            producer.begin_transaction()
            for partition in _PARTITIONS:
                producer.send(cluster.name(_TOPIC), key=b"key", value=b"{}", partition=partition)
            producer.send_offsets_to_transaction(*_offsets(cluster))
            producer.commit_transaction()

        yield transact


@contextmanager
def _our_producer(cluster: Cluster) -> Iterator[Transaction]:
    with TransactionalProducer(cluster, "timeline-2") as producer:

        def transact() -> None:
            producer.begin()
            for partition in _PARTITIONS:
                producer.send(cluster.name(_TOPIC), b"key", b"{}", [], partition=partition)
            producer.commit(*_offsets(cluster))

        yield transact


def _offsets(cluster: Cluster) -> tuple[dict[TopicPartition, OffsetAndMetadata], ConsumerGroupMetadata]:
    """Of a group that nobody has joined."""
    offsets = {TopicPartition(cluster.name(_TOPIC), 0): OffsetAndMetadata(1, "", -1)}
    return offsets, ConsumerGroupMetadata(cluster.name(_GROUP), -1, "", None)


@contextmanager
def _topic(cluster: Cluster) -> Iterator[None]:
    name = cluster.name(_TOPIC)
    with closing(cluster.admin()) as admin:
        admin.create_topics([NewTopic(name, num_partitions=len(_PARTITIONS), replication_factor=-1)])
        admin.wait_for_topics([name], timeout_ms=1_000 * _SECONDS)
        try:
            yield
        finally:
            delete(admin, [name])
