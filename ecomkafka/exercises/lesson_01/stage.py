"""The stage of lesson 01: orders as plain JSON, a packing station whose power fails, and records as they are."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.stage import MS, SECONDS, Stage
from ecomkafka.topics import TOPICS

TOPIC = "orders.events"
ORDERS: tuple[dict[str, Any], ...] = tuple(
    {"order_id": f"ORD-{number:02d}", "customer": customer, "mugs": number % 3 + 1}
    for number, customer in enumerate(("ann", "bob", "Zoë", "cleo", "dan", "ann"), start=1)
)


def raw_records(stage: Stage, topic: str) -> list[Any]:
    """All records of the topic, as kafka-python gives them."""
    name = stage.cluster.name(topic)
    with KafkaConsumer(bootstrap_servers=list(stage.cluster.bootstrap), enable_auto_commit=False) as consumer:
        places = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name) or ())]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        found: list[Any] = []

        def all_is_read() -> bool:
            for records in consumer.poll(timeout_ms=200).values():
                found.extend(records)
            return all(consumer.position(place, timeout_ms=MS) >= end for place, end in ends.items())

        stage.until(all_is_read, f"the records of {topic}")
    return found


class Station:
    """Starts the student's program with a consumer of one group, as often as it is asked to."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.packed: list[str] = []

    def fill(self, prefix: str) -> list[str]:
        """Eight new orders on the topic; their ids."""
        ids = [f"{prefix}-{number}" for number in range(8)]
        with KafkaProducer(bootstrap_servers=list(self._stage.cluster.bootstrap)) as producer:
            for name in ids:
                producer.send(
                    self._stage.cluster.name(TOPIC), key=name.encode(), value=json.dumps({"id": name}).encode()
                )
            producer.flush(timeout=SECONDS)
        return ids

    def live(self, answer: Callable[..., Any], cut: int = -1) -> None:
        """One life of the program; the power fails while the record number `cut` is packed, -1: never."""
        left = cut

        def pack(record: Any) -> None:
            nonlocal left
            if left == 0:
                raise PowerCut
            left -= 1
            self.packed.append(record.key.decode())

        cluster = self._stage.cluster
        consumer = KafkaConsumer(
            bootstrap_servers=list(cluster.bootstrap),
            group_id=cluster.name("station"),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            consumer.assign([TopicPartition(cluster.name(TOPIC), number) for number in range(TOPICS[TOPIC].partitions)])
            with suppress(PowerCut):  # a life may end so
                answer(consumer, pack)
        finally:
            consumer.close(autocommit=False)
