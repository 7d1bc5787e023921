"""A student's program that writes in transactions, is killed at a chosen call, and is started again."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, Self

from kafka import OffsetAndMetadata, TopicPartition

from ecomkafka.exercises.checking import timed_transaction
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.stage import MS, SECONDS, Stage
from ecomkafka.topics import TOPICS

NAME = "program"
"""Its transactional id, and its consumer group."""


def after(cut: int) -> str:
    """What a cut was, in words."""
    return "without any power cut" if cut < 0 else f"after a power cut before call {cut + 1}"


class Program:
    """Use it in a `with` block. Subclasses give a student the tools; each tool calls `_power` first."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._cluster = stage, stage.cluster
        self._open = ExitStack()
        self._left = -1
        self._in_transaction = False
        self._settled = True
        self._producer: Any = None

    def begin(self) -> None:
        """Begin a transaction."""
        self._power()
        self._producer.begin_transaction()
        self._in_transaction = True

    def commit(self) -> None:
        """Commit the transaction."""
        self._power()
        self._needs_transaction("commit")
        self._end()
        self._power()  # the broker has done it, and nobody has heard so

    def live(self, work: Callable[[], Any], cut: int = -1) -> bool:
        """Let `work` run; whether the power failed before call `cut` (-1: never). What it leaves open is aborted."""
        self._left = cut
        try:
            work()
        except PowerCut:
            self._restart()
            return True
        finally:
            self._left = -1
            if self._in_transaction:
                self._restart()
        return False

    def committed(self, topic: str, partition: int = 0) -> int:
        """The group's committed offset."""
        place = TopicPartition(self._cluster.name(topic), partition)
        return int(self._consumer.committed(place, timeout_ms=MS) or 0)

    def settled(self) -> None:
        """Return when the broker has ended the last transaction everywhere: a new producer has to wait for that."""
        if not self._settled:
            self._restart()

    def _end(self) -> None:
        with self._stage.kafka.asking():
            timed_transaction.commit(self._producer)
        self._in_transaction, self._settled = False, False

    def _send(self, topic: str, value: bytes | None, key: str = "", headers: Any = ()) -> None:
        """In the transaction if there is one, else at once."""
        producer = self._producer if self._in_transaction else self._plain
        name = self._cluster.name(topic)
        with self._stage.kafka.asking():
            producer.send(name, value, key.encode(), headers=list(headers), partition=0).get(timeout=SECONDS)

    def _put_offsets(self, topic: str, offsets: Mapping[int, int]) -> None:
        """`offsets`: by partition, in the transaction if there is one, else at once."""
        if not self._in_transaction:
            return self._note_offsets(topic, offsets)
        places = self._places(topic, offsets)
        with self._stage.kafka.asking():
            timed_transaction.add_offsets(self._producer, places, self._consumer.group_metadata())

    def _note_offsets(self, topic: str, offsets: Mapping[int, int]) -> None:
        places = self._places(topic, offsets)
        with self._stage.kafka.asking():
            self._consumer.commit(places, timeout_ms=MS)

    def _places(self, topic: str, offsets: Mapping[int, int]) -> dict[TopicPartition, OffsetAndMetadata]:
        """Raises ValueError for a partition that there is not: Kafka's clients would ask for it again and again."""
        name, partitions = self._cluster.name(topic), range(TOPICS[topic].partitions)
        if strange := [number for number in offsets if number not in partitions]:
            raise ValueError(f"partition {strange[0]!r:.40} of {topic}: {', '.join(map(str, partitions))} are there")
        return {TopicPartition(name, number): OffsetAndMetadata(int(at), "", -1) for number, at in offsets.items()}

    def _needs_transaction(self, tool: str) -> None:
        if not self._in_transaction:
            raise RuntimeError(f"{tool}() belongs to a transaction: begin() one first")

    def _power(self) -> None:
        if self._left == 0:
            raise PowerCut
        self._left -= 1

    def _restart(self) -> None:
        """The new producer ends what the old one has left open."""
        self._producer.close(timeout=1.0)
        self._connect()
        self._left, self._in_transaction, self._settled = -1, False, True

    def _connect(self) -> None:
        self._producer = timed_transaction.open_producer(self._cluster, NAME, self._open)

    def __enter__(self) -> Self:
        self._consumer = self._open.enter_context(self._cluster.consumer(NAME))
        self._plain = self._open.enter_context(self._cluster.producer())
        self._connect()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()
