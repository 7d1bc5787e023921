"""The stage of a check: the real broker, in a namespace of its own that is deleted afterwards."""

import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from typing import Any, Self

from kafka.admin import NewTopic

from ecomkafka.broker import broker
from ecomkafka.broker.namespaces import Fresh
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.engine.worker import Worker
from ecomkafka.exercises.checking.kafka_share import KafkaShare
from ecomkafka.messages import Message, encode
from ecomkafka.topics import TOPICS, Topic
from ecomkafka.waiting import until

SECONDS = 15.0
"""No wait of a check is longer."""
MS = int(SECONDS * 1000)


class Stage:
    """Only the topics that a check names are made: all of the shop's would take longer than most checks."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self.kafka = KafkaShare(SECONDS)

    @cached_property
    def cluster(self) -> Cluster:
        cluster = Cluster.of(broker.bootstrap(), f"exercise-{uuid.uuid4().hex[:8]}")
        self._open.enter_context(Fresh(cluster))
        return cluster

    def create(self, *names: str) -> None:
        """Make these topics of the shop; they are deleted at the end.

        Until then nothing is deleted: a check's records may carry old timestamps, and Kafka looks for what is too old
        every five minutes.
        """
        topics = [TOPICS[name] for name in names]
        new = [NewTopic(self.cluster.name(t.name), t.partitions, -1, topic_configs=_kept(t)) for t in topics]
        with closing(self.cluster.admin()) as admin:
            admin.create_topics(new, timeout_ms=MS)
            admin.wait_for_topics([topic.name for topic in new], timeout_ms=MS)

    def send(self, topic: str, messages: Sequence[Message], key: Callable[[Any], str | None]) -> list[Record]:
        """Write them one after the other, each with its `key`; returns all the topic's records, as they lie there."""
        with self.cluster.producer() as producer:
            sent = [
                producer.send(self.cluster.name(topic), encode(message), key=name.encode() if name else None)
                for message in messages
                for name in [key(message)]
            ]
            producer.flush(timeout=SECONDS)
        for future in sent:
            future.get(timeout=0)
        return self.read(topic)

    def read(self, topic: str) -> list[Record]:
        return read(self.cluster, topic, timeout=SECONDS)

    def start(self, worker: Worker) -> Worker:
        """Start it, and see that it is stopped at the end."""
        self._open.callback(worker.stop)
        return worker.start(timeout=SECONDS)

    def until(self, condition: Callable[[], object], what: str) -> None:
        until(condition, SECONDS, what)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()


def _kept(topic: Topic) -> dict[str, str]:
    """The topic's settings, but for its retention."""
    return topic.config if topic.retention is None else topic.config | {"retention.ms": "-1"}
