"""A broker that dies between a transaction's decision and its markers: what was committed is there for everybody.

It dies because the marker does not fit: no file may grow longer than that of the partition it is for.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.structs import ConsumerGroupMetadata

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from ecomkafka.clients.transaction import TransactionalProducer
from tests.waiting import PATIENCE, eventually

GROUP = "order-service"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(directory=tmp_path) as running:
        yield running


@pytest.fixture
def cluster(broker: Broker) -> Cluster:
    cluster = Cluster.of(broker.bootstrap, "shop")
    create_topics(cluster)
    return cluster


def die_at_the_marker(broker: Broker, folder: Path, of: str, producer: TransactionalProducer, offsets: dict) -> None:
    """Commit, with no room for the marker of the partition whose log is the longest of `of`; then start again."""
    (node,) = broker.nodes
    last_point = "after_offsets" if offsets else "after_produce"

    def fill(point: str) -> None:
        if point == last_point:
            size = max(file.stat().st_size for file in folder.glob(f"node-1/log/{of}-*/*.log"))
            node.process.rlimit(psutil.RLIMIT_FSIZE, (size, node.process.rlimit(psutil.RLIMIT_FSIZE)[1]))

    producer.commit(
        offsets, ConsumerGroupMetadata(f"shop.{GROUP}", -1, "", None), fill
    )  # the decision is written: to the client it is committed
    eventually(lambda: node.process is None, "the broker has ended")
    producer.discard()
    node.start()
    node.wait()


def begun(cluster: Cluster) -> TransactionalProducer:
    """In its second transaction: a partition that knows of a coordinator is stricter with who writes markers."""
    producer = TransactionalProducer(cluster, "dying")
    producer.take_over()
    producer.begin()
    producer.send(cluster.name("orders.events"), b"order", b"earlier", [], partition=0)
    producer.commit({}, None)
    producer.begin()
    producer.send(cluster.name("orders.events"), b"order", b"committed", [], partition=0)
    producer.flush()
    return producer


def next_owner(cluster: Cluster) -> None:
    with TransactionalProducer(cluster, "dying"):
        pass


def test_records_are_seen_as_soon_as_the_id_has_its_next_owner(broker: Broker, cluster: Cluster, tmp_path: Path):
    with closing(cluster.producer()) as filler:
        filler.send(cluster.name("orders.events"), b"x" * 300_000, partition=0).get(timeout=PATIENCE)
    die_at_the_marker(broker, tmp_path, cluster.name("orders.events"), begun(cluster), {})
    next_owner(cluster)
    with cluster.consumer() as reader:
        reader.assign([TopicPartition(cluster.name("orders.events"), 0)])
        seen = [record.value[:9] for _ in range(3) for records in reader.poll(3_000).values() for record in records]
    assert seen == [b"x" * 9, b"earlier", b"committed"]


def test_offsets_are_known_as_soon_as_the_id_has_its_next_owner(broker: Broker, cluster: Cluster, tmp_path: Path):
    place = TopicPartition(cluster.name("inventory.requests"), 0)
    with cluster.consumer(GROUP) as member:
        for _ in range(20):  # the longest log of all
            member.commit({place: OffsetAndMetadata(1, "x" * 4_000, -1)})
    die_at_the_marker(broker, tmp_path, "__consumer_offsets", begun(cluster), {place: OffsetAndMetadata(7, "", -1)})
    next_owner(cluster)
    with cluster.consumer(GROUP) as member:
        assert member.committed(place, timeout_ms=10_000) == 7
