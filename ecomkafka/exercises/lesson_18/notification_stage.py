"""The stage of lesson 18: a small notification service that is killed at a chosen step."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.program import Program
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.messages import Kind, Message, NotificationFailed, NotificationSent, SendNotification, encode

REQUESTS, EVENTS = "notifications.requests", "notifications.events"
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
    return (
        NotificationFailed(attempts=3, reason="451", error="451", **said)
        if failed
        else NotificationSent(attempt=1, **said)
    )


class Desk(Program):
    """The service: `begin`, `mail`, `produce`, `offset`, `commit`, `note` are the tools of a student."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.mails: list[tuple[str, str]] = []
        """Each mail that has left: for which request, with which id."""
        self._record: Any = None

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
        self._put_offsets(REQUESTS, self._next())

    def note(self) -> None:
        """Commit the record's offset at once, outside of any transaction."""
        self._power()
        self._note_offsets(REQUESTS, self._next())

    def handle(self, record: Record, work: Callable[..., Any], cut: int = -1) -> bool:
        """Let `work` have the record; whether the power failed, before call `cut` (-1: never), and it began again."""
        self._record = record
        was_cut = self.live(lambda: work(self, record), cut)
        if was_cut and self.next_offset() <= record.offset:
            self.live(lambda: work(self, record))
        return was_cut

    def steps(self, record: Record, names: Sequence[str], done: int) -> None:
        """Take these steps, die when so many are done, start again at the committed offset."""
        self._record = record
        self._take(names[:done])
        if self.next_offset() <= record.offset:
            self._take(names)

    def next_offset(self) -> int:
        return self.committed(REQUESTS, self._record.partition)

    def outcomes(self) -> list[Record]:
        """What the log holds."""
        self.settled()
        return self._stage.read(EVENTS)

    def write(self, message: Message) -> None:
        self._send(EVENTS, encode(message))

    def _take(self, names: Sequence[str]) -> None:
        tools: dict[str, Sequence[Callable[[], None]]] = {
            "mail": [lambda: self.mail("")],
            "produce": [self.produce],
            "note": [self.note],
            "transaction": [self.begin, self.produce, self.offset, self.commit],
        }
        for tool in (tool for name in names for tool in tools[name]):
            tool()

    def _next(self) -> dict[int, int]:
        return {self._record.partition: self._record.offset + 1}
