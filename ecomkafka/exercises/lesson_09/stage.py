"""The stage of lesson 09: a client, a service and a counter that are killed at a chosen call; open transactions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Self

from ecomkafka.clients.reader import partitions_of, read_to
from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking import timed_transaction
from ecomkafka.exercises.checking.program import Program
from ecomkafka.exercises.checking.stage import SECONDS, Stage
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import Item, Kind, OrderCreated, Reserve, SendNotification, encode

EVENTS, REQUESTS, ANSWERS = "orders.events", "inventory.requests", "notifications.requests"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
Log = list[tuple[str, str]]
"""Of each record its value and the fate of its transaction."""


def order(order_id: str) -> tuple[OrderCreated, Reserve]:
    created, (asked,) = messages_of(order_id, "ann", {"HEADSET-001": 1}, NOW)
    return created, asked


BASKETS = ({"pen": 1}, {"pen": 2, "ink": 1}, {"ink": 3}, {"ink": 1, "pen": 1}, {"pen": 5}, {"pen": 1, "cup": 2})
LOGS: tuple[Log, ...] = (
    [("A1", "committed"), ("B1", "aborted"), ("A2", "committed"), ("C1", "none"), ("B2", "aborted")],
    [("E1", "none"), ("F1", "committed"), ("G1", "open"), ("F2", "committed"), ("H1", "none"), ("G2", "open")],
    [("K1", "aborted"), ("L1", "committed"), ("L2", "committed"), ("M1", "open"), ("N1", "aborted"), ("P1", "none")],
)


def basket(number: int) -> Reserve:
    items = tuple(Item(product_id=name, quantity=quantity) for name, quantity in BASKETS[number].items())
    return Reserve(order_id=f"S-{number}", warehouse_id="WH", items=items, at=NOW)


def write_orders(stage: Stage, count: int) -> list[Record]:
    """ORDER_CREATED for T-00, T-01, …; of three in turn two are in one partition and the third in another."""
    orders = [order(f"T-{number:02d}")[0] for number in range(count)]
    records = stage.send(EVENTS, orders, lambda event: "aab"[int(event.order_id[2:]) % 3])
    return sorted(records, key=lambda record: str(record.message.order_id))


class Client(Program):
    """Takes an order: `begin`, `reserve`, `create`, `commit` are the tools of a student."""

    order_id = ""

    def reserve(self) -> None:
        """Write the order's RESERVE to the warehouse."""
        self._power()
        self._send(REQUESTS, encode(order(self.order_id)[1]), self.order_id)

    def create(self) -> None:
        """Write the order's ORDER_CREATED."""
        self._power()
        self._send(EVENTS, encode(order(self.order_id)[0]), self.order_id)


class Service(Program):
    """Answers each ORDER_CREATED: `begin`, `answer`, `offsets`, `commit`, `note` are the tools of a student."""

    def answer(self, record: Record) -> None:
        """Write the record's SEND_NOTIFICATION."""
        self._power()
        name = record.message.order_id
        notification = SendNotification(
            notification_id=f"{name}-ORDER_CONFIRMED",
            order_id=name,
            customer_id="ann",
            kind=Kind.ORDER_CONFIRMED,
            total=record.message.total,
            at=NOW,
        )
        self._send(ANSWERS, encode(notification), name)

    def offsets(self, offsets: Mapping[int, int]) -> None:
        """Add to the transaction where to read on: by partition the next offset."""
        self._power()
        self._needs_transaction("offsets")
        self._put_offsets(EVENTS, offsets)

    def note(self, offsets: Mapping[int, int]) -> None:
        """Commit where to read on, outside of any transaction."""
        self._power()
        self._note_offsets(EVENTS, offsets)

    def handle(self, batch: Sequence[Record], work: Callable[..., Any], cut: int) -> bool:
        """Let `work` have the batch; after a power cut before call `cut` (-1: none) once more what is left of it."""
        was_cut = self.live(lambda: work(self, list(batch)), cut)
        if was_cut and (left := self.left(batch)):
            self.live(lambda: work(self, left))
        return was_cut

    def left(self, batch: Sequence[Record]) -> list[Record]:
        """Those that a service which starts again is given."""
        next_offset = {number: self.committed(EVENTS, number) for number in {record.partition for record in batch}}
        return [record for record in batch if record.offset >= next_offset[record.partition]]


class Counter(Program):
    """Adds up units in rows outside of Kafka: `get`, `put` are the tools of a student."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.rows: dict[str, tuple[int, int]] = {}

    def get(self, product_id: str) -> tuple[int, int]:
        """The row's units and offset; (0, -1) where there is none."""
        self._power()
        return self.rows.get(product_id, (0, -1))

    def put(self, product_id: str, units: int, offset: int) -> None:
        """Write the row, in one step."""
        self._power()
        self.rows[product_id] = (int(units), int(offset))

    def count_all(self, records: Sequence[Record], count: Callable[..., Any], cut: int) -> bool:
        """Count from the beginning, committing after every fourth record. Whether the power failed before call `cut`,
        and it began once more at the committed offset.
        """
        self.rows = {}
        self._put_offsets(REQUESTS, {0: 0})
        was_cut = self.live(lambda: self._read(records, count), cut)
        if was_cut:
            self.live(lambda: self._read(records[self.committed(REQUESTS) :], count))
        return was_cut

    def _read(self, records: Sequence[Record], count: Callable[..., Any]) -> None:
        for record in records:
            count(self, record)
            if record.offset % 4 == 3:
                self._put_offsets(REQUESTS, {0: record.offset + 1})


class Transactions:
    """Plays logs, one in each partition of orders.events, and leaves open what is to be open."""

    def __init__(self, stage: Stage) -> None:
        self._cluster = stage.cluster
        self._open = ExitStack()
        self._unended: list[str] = []

    def play(self, logs: Sequence[Log]) -> None:
        """Records of one transaction begin with the same letter, and no letter is in two logs."""
        for partition, log in enumerate(logs):
            producers: dict[str, Any] = {}
            for value, fate in log:
                name = value[0]
                producer = producers.get(name) or self._begin(name, fate)
                producers[name] = producer
                topic = self._cluster.name(EVENTS)
                producer.send(topic, value.encode(), partition=partition).get(timeout=SECONDS)
            for name, fate in {value[0]: fate for value, fate in log}.items():
                self._end(name, producers[name], fate)

    def abort_open_ones(self) -> None:
        """As the next owners of their names do."""
        while self._unended:
            self._connect(self._unended.pop())

    def readings(self, logs: Sequence[Log]) -> Iterator[tuple[str, int, Log, list[str]]]:
        """Isolation level, partition, what lies there, and what such a reader gets of it now."""
        for level in ("read_uncommitted", "read_committed"):
            for partition, (log, values) in enumerate(zip(logs, self._seen(level), strict=True)):
                yield level, partition, log, values

    def _seen(self, level: str) -> list[list[str]]:
        """By partition the values that a reader of this isolation level gets now."""
        values: list[list[str]] = [[], [], []]
        consumer: Any
        with self._cluster.consumer(isolation_level=level) as consumer:
            places = partitions_of(consumer, self._cluster, EVENTS)
            ends = consumer.end_offsets(places)
            for record in read_to(consumer, self._cluster, dict.fromkeys(places, 0), ends, timeout=SECONDS):
                values[record.partition].append((record.value or b"").decode())
        return values

    def _begin(self, name: str, fate: str) -> Any:
        producer = self._connect(None if fate == "none" else name)
        if fate != "none":
            producer.begin_transaction()
        return producer

    def _end(self, name: str, producer: Any, fate: str) -> None:
        if fate == "open":
            self._unended.append(name)
        elif fate != "none":
            (timed_transaction.commit if fate == "committed" else timed_transaction.abort)(producer)
            self._connect(name)  # has to wait until the broker has ended the transaction everywhere

    def _connect(self, name: str | None) -> Any:
        if name:
            return timed_transaction.open_producer(self._cluster, name, self._open)
        return self._open.enter_context(self._cluster.producer())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()
