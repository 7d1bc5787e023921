"""A topic read by hand, from its beginning to the end that it has now: what a naive join is made of."""

from types import TracebackType
from typing import Any, Self

from kafka import TopicPartition

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import unread
from ecomkafka.lessons.reading import to_end
from ecomkafka.waiting import until


class TopicReader:
    """One topic, some records at a time. `with TopicReader(cluster, "orders.events") as orders: …` closes it."""

    def __init__(self, cluster: Cluster, topic: str) -> None:
        self.consumer = cluster.consumer()
        name = cluster.name(topic)
        # A new client may not know the topic yet.
        numbers = until(lambda: self.consumer.partitions_for_topic(name), what=f"{name} is known")
        self.consumer.assign([TopicPartition(name, number) for number in sorted(numbers)])
        self._ends = self.consumer.end_offsets(list(self.consumer.assignment()))

    def is_at_end(self) -> bool:
        """Whether each partition is read to the end that it had when the reader was made."""
        return not unread(self.consumer, self._ends)

    def take(self, count: int) -> list[Any]:
        """The next records, at most `count`; none at the end of the topic."""
        if self.is_at_end():
            return []
        batches = self.consumer.poll(timeout_ms=1000, max_records=count)
        return [record for batch in batches.values() for record in batch]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.consumer.close()


def read_all(cluster: Cluster, topic: str) -> list[Any]:
    """Every record of the topic, each partition in the sequence of its offsets. TimeoutError after half a minute."""
    with TopicReader(cluster, topic) as reader:
        return list(to_end(reader.consumer))
