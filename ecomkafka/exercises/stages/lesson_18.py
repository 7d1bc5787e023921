"""The stage of lesson 18: a small notification service that is killed at a chosen step."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

from kafka import OffsetAndMetadata, TopicPartition

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking import transaction
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.stage import MS, SECONDS, Stage
from ecomkafka.messages import Kind, Message, NotificationFailed, NotificationSent, SendNotification, encode

REQUESTS, EVENTS = "notifications.requests", "notifications.events"
GROUP, NAME = "notification-service", "notification-0"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def write_requests(stage: Stage, count: int) -> list[Record]:
    """So many SEND_NOTIFICATION, all in one partition."""
    messages = [
        SendNotification(
            notification_id=f"ORD-{number:02d}-ORDER_CONFIRMED",
            order_id=f"ORD-{number:02d}",
            customer_id="ann",
            kind=Kind.ORDER_CONFIRMED,
            total=Decimal(10),
            at=NOW,
        )
        for number in range(count)
    ]
    return stage.send(REQUESTS, messages, lambda message: "one partition")


def outcome(notification_id: str, failed: bool = False) -> Message:
    """What the service says of a request."""
    order_id, _, _ = notification_id.rpartition("-")
    said: dict[str, Any] = {"notification_id": notification_id, "order_id": order_id, "at": NOW}
    return NotificationFailed(attempts=3, error="451", **said) if failed else NotificationSent(attempt=1, **said)


class Desk:
    """The service and its machine: use it in a `with` block. Its public methods are the tools of a student."""

    def __init__(self, stage: Stage) -> None:
        self.mails: list[tuple[str, str]] = []
        """Each mail that has left: for which request, with which id."""
        self._stage, self._cluster = stage, stage.cluster
        self._open = ExitStack()
        self._record: Any = None
        self._left = -1
        self._in_transaction = False
        self._producer: Any = None

    def begin(self) -> None:
        """Begin a transaction."""
        self._power()
        self._producer.begin_transaction()
        self._in_transaction = True

    def mail(self, mail_id: str) -> None:
        """Send the customer a mail. It leaves at once."""
        self._power()
        self.mails.append((self._record.message.notification_id, str(mail_id)))

    def produce(self) -> None:
        """Write NOTIFICATION_SENT of the record: in the transaction, or outside of any, visible at once."""
        self._power()
        self.write(outcome(self._record.message.notification_id))

    def offset(self) -> None:
        """Add the record's offset to the transaction."""
        self._power()
        self._needs_transaction("offset")
        with self._stage.kafka.asking():
            transaction.add_offsets(self._producer, self._behind(), self._consumer.group_metadata())

    def commit(self) -> None:
        """Commit the transaction."""
        self._power()
        self._needs_transaction("commit")
        with self._stage.kafka.asking():
            transaction.commit(self._producer)
        self._in_transaction = False
        self._power()  # the broker has done it, and nobody has heard so

    def note(self) -> None:
        """Commit the record's offset at once, outside of any transaction."""
        self._power()
        with self._stage.kafka.asking():
            self._consumer.commit(self._behind(), timeout_ms=MS)

    def handle(self, record: Record, work: Callable[..., Any], cut: int = -1) -> bool:
        """Let `work` have the record; whether the power failed, before call `cut` (-1: never), and it began again."""
        self._record, self._left = record, cut
        try:
            work(self, record)
        except PowerCut:
            self._restart()
            self.resume(record, lambda: work(self, record))
            return True
        finally:
            if self._in_transaction:
                self._restart()
        return False

    def steps(self, record: Record, names: Sequence[str], done: int) -> None:
        """Take these steps, die when so many are done, start again."""
        self._record, self._left = record, -1
        self._take(names[:done])
        self.resume(record, lambda: self._take(names))

    def resume(self, record: Record, work: Callable[[], None]) -> None:
        """A service that starts begins at the committed offset."""
        if self.next_offset() <= record.offset:
            work()

    def next_offset(self) -> int:
        return int(self._consumer.committed(self._place, timeout_ms=MS) or 0)

    def outcomes(self) -> list[Record]:
        """What the log holds; a new producer waits until the broker has ended the last transaction everywhere."""
        self._restart()
        return self._stage.read(EVENTS)

    def write(self, message: Message) -> None:
        producer = self._producer if self._in_transaction else self._plain
        with self._stage.kafka.asking():
            producer.send(self._cluster.name(EVENTS), encode(message), partition=0).get(timeout=SECONDS)

    def _take(self, names: Sequence[str]) -> None:
        tools: dict[str, Sequence[Callable[[], None]]] = {
            "mail": [lambda: self.mail("")],
            "produce": [self.produce],
            "note": [self.note],
            "transaction": [self.begin, self.produce, self.offset, self.commit],
        }
        for tool in (tool for name in names for tool in tools[name]):
            tool()

    def _behind(self) -> dict[TopicPartition, OffsetAndMetadata]:
        return {self._place: OffsetAndMetadata(self._record.offset + 1, "", -1)}

    @property
    def _place(self) -> TopicPartition:
        return TopicPartition(self._cluster.name(REQUESTS), self._record.partition)

    def _needs_transaction(self, tool: str) -> None:
        if not self._in_transaction:
            raise RuntimeError(f"{tool}() belongs to a transaction: begin() one first")

    def _power(self) -> None:
        if self._left == 0:
            raise PowerCut
        self._left -= 1

    def _restart(self) -> None:
        """The power is back, for good. The new producer ends what the old one has left open."""
        self._producer.close(timeout=1.0)
        self._producer = self._new_producer()
        self._left, self._in_transaction = -1, False

    def _new_producer(self) -> Any:
        producer = self._cluster.producer(transactional_id=NAME)
        self._open.callback(producer.close, timeout=1.0)
        producer.init_transactions()
        return producer

    def __enter__(self) -> Self:
        self._consumer = self._open.enter_context(self._cluster.consumer(GROUP))
        self._plain = self._open.enter_context(self._cluster.producer())
        self._producer = self._new_producer()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()
