"""The stage of lesson 18, question 4: a service whose commit was sent and never answered."""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Self

from kafka import OffsetAndMetadata, TopicPartition

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking import timed_transaction
from ecomkafka.exercises.checking.stage import MS, SECONDS, Stage
from ecomkafka.exercises.lesson_18.notification_stage import NOW
from ecomkafka.messages import Item, Reserve

CHANGELOG = "inventory.stock"
FATES = ("it was done", "it was lost", "it came late")
"""What became of the commit. One that comes late is carried out at the first chance, unless its producer is fenced."""


class Service:
    """Counts the units reserved of each product, and keeps the totals in a changelog: use it in a `with` block.

    Its public methods are the tools of a student; `state` and `position` are what it has in memory.
    """

    def __init__(self, stage: Stage, number: int, requests: Sequence[Record]) -> None:
        self.state: dict[str, int] = {}
        self.position = 0
        self.renewed = False
        self.came_late = False
        """Whether the late commit was carried out."""
        self._stage, self._number, self._requests = stage, number, requests
        self._name = f"inventory-{number}"
        self._ended = False
        """Whether the transaction in hand was committed or aborted."""
        self._on_its_way = False
        self._open = ExitStack()

    def new_producer(self) -> None:
        """Close the producer and make a new one of the same transactional id: what the old one left open is aborted."""
        with self._stage.kafka.asking():
            self._producer.close(timeout=1.0)
            self._connect()
        self.renewed, self._ended, self._on_its_way = True, True, False

    def restore(self) -> None:
        """Replace `state` by what the changelog holds."""
        with self._stage.kafka.asking():
            self.state = self.stored()
        self._let_it_come()

    def committed(self) -> int:
        """The committed offset: the next one to handle."""
        consumer = self._reader if self._ended else self._hasty_reader  # the one waits for a transaction to end
        with self._stage.kafka.asking():
            offset = int(consumer.committed(self._place, timeout_ms=MS) or 0)
        self._let_it_come()
        return offset

    def seek(self, offset: int) -> None:
        """Handle the record at `offset` next."""
        self.position = int(offset)
        self._let_it_come()

    def meet(self, fate: str) -> None:
        """Handle three records and commit; three more, and of that commit comes what `fate` says, without an answer."""
        self.handle(3)
        timed_transaction.commit(self._producer)
        self.handle(3)
        if fate == FATES[0]:
            timed_transaction.commit(self._producer)
        self._ended, self._on_its_way = fate == FATES[0], fate == FATES[2]

    def handle(self, count: int) -> None:
        """Count the next records and put the new totals and the offset into a transaction."""
        batch = self._requests[self.position : self.position + count]
        self.state = dict(Counter(self.state) + total(batch))
        self.position += len(batch)
        self._producer.begin_transaction()
        name = self._stage.cluster.name(CHANGELOG)
        sent = [
            self._producer.send(name, str(units).encode(), product.encode(), partition=self._number)
            for product, units in self.state.items()
        ]
        behind = {self._place: OffsetAndMetadata(self.position, "", -1)}
        timed_transaction.add_offsets(self._producer, behind, self._reader.group_metadata())
        for future in sent:  # a commit may succeed without a record that was refused
            future.get(timeout=SECONDS)

    def finish(self) -> None:
        """Go on to the end; a further producer waits until the broker has ended the last transaction everywhere."""
        self.handle(len(self._requests))
        timed_transaction.commit(self._producer)
        self._connect()

    def stored(self) -> dict[str, int]:
        """What the changelog says."""
        records = [record for record in self._stage.read(CHANGELOG) if record.partition == self._number]
        return {(record.key or b"").decode(): int(record.value or 0) for record in records}

    def _let_it_come(self) -> None:
        if self._on_its_way:
            with self._stage.kafka.asking():
                timed_transaction.commit(self._producer)
            self._on_its_way, self._ended, self.came_late = False, True, True

    @property
    def _place(self) -> TopicPartition:
        return TopicPartition(self._stage.cluster.name(self._requests[0].topic), self._requests[0].partition)

    def _connect(self) -> None:
        self._producer = timed_transaction.open_producer(self._stage.cluster, self._name, self._open)

    def __enter__(self) -> Self:
        reader: Any = self._stage.cluster.consumer
        self._reader = self._open.enter_context(reader(self._name))
        self._hasty_reader = self._open.enter_context(reader(self._name, isolation_level="read_uncommitted"))
        self._connect()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()


def write_reservations(stage: Stage, count: int) -> list[Record]:
    """So many RESERVE for one warehouse, so in one partition."""
    wanted = [(f"ORD-{number}", ("radio", "lamp")[number % 2], 1 + number % 4) for number in range(count)]
    commands = [
        Reserve(order_id=name, warehouse_id="WH", items=(Item(product_id=product, quantity=units),), at=NOW)
        for name, product, units in wanted
    ]
    return stage.send("inventory.requests", commands, lambda command: str(command.warehouse_id))


def total(requests: Sequence[Record]) -> Counter[str]:
    """Units of each product."""
    units: Counter[str] = Counter()
    for item in (item for request in requests for item in request.message.items):
        units[item.product_id] += item.quantity
    return units
