"""The stage of lesson 11: a notification service with a clock that jumps, and a desk that replays dead letters."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Position, Record
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.program import Program
from ecomkafka.exercises.checking.stage import SECONDS, Stage
from ecomkafka.messages import Kind, SendNotification, encode

REQUESTS, RETRIES = "notifications.requests", ("notifications.retry.1", "notifications.retry.2")
LETTERS = "notifications.dlq"
Letter = tuple[bytes | None, bytes | None, dict[str, str]]
"""Key, value, headers."""
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
OK, FULL, BUSY, NO_SUCH_USER = 250, 452, 451, 550
NIGHT = 600.0
"""Seconds of its own clock after which a mail room that waits is switched off."""
ROUNDS = 3
"""How often the retry topics are looked at: once more than three attempts need."""

MAILBOXES: dict[str, tuple[int | None, ...]] = {
    "bob": (FULL,),
    "ann": (OK,),
    "dave": (NO_SUCH_USER,),
    "erin": (BUSY, OK),
    "frank": (None, OK),
    "hugo": (None,),
    "carol": (OK,),
}
"""By customer, the replies to the first attempt, the second, …; the last one goes for all further ones."""


def request(customer_id: str, order_id: str = "") -> SendNotification:
    name = order_id or f"ORD-{customer_id}"
    return SendNotification(
        notification_id=f"{name}-ORDER_CONFIRMED",
        order_id=name,
        customer_id=customer_id,
        kind=Kind.ORDER_CONFIRMED,
        total=Decimal(10),
        at=NOW,
    )


def expected(customer_id: str) -> tuple[list[float], int]:
    """When the customer's attempts are made, in seconds, and how many dead letters there are."""
    times, replies, at = [], MAILBOXES[customer_id], 0.0
    for number, pause in enumerate((0.5, 2.0, 0.0)):
        times.append(at)
        reply = replies[min(number, len(replies) - 1)]
        if reply in (OK, NO_SUCH_USER):
            return times, int(reply != OK)
        at += pause
    return times, 1


def write_strange_requests(stage: Stage) -> list[Record]:
    """Two that are no messages, one without a value, two that are in order."""
    strange = ((b"ORD-9", b'{"type": "SEND_NOTIF\xff\x00'), (None, b"not even JSON"), (b"ORD-7", None))
    with stage.cluster.producer() as producer:
        for key, value in strange:
            producer.send(stage.cluster.name(REQUESTS), value, key, partition=0).get(timeout=SECONDS)
    return stage.send(REQUESTS, [request("bob"), request("zoë")], lambda message: str(message.order_id))


def write_letters(stage: Stage, letters: Sequence[Letter]) -> list[Record]:
    """Write them to the dead letters; returns what lies there."""
    with stage.cluster.producer() as producer:
        for key, value, headers in letters:
            pairs = [(str(name), str(text).encode()) for name, text in headers.items()]
            producer.send(stage.cluster.name(LETTERS), value, key, headers=pairs).get(timeout=SECONDS)
    return stage.read(LETTERS)


class MailRoom(Program):
    """`mail`, `wait`, `retry`, `give_up` are the tools of a student. Each record is one transaction."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.now = 0.0
        """Seconds since the first request, by the room's own clock: it jumps, and nobody really waits."""
        self.tried: dict[str, list[float]] = {name: [] for name in MAILBOXES}
        """By customer, when each attempt was made."""
        self._record: Any = None
        self._trying: list[float] = []

    def mail(self) -> int | None:
        """Make an attempt: the server's reply, or None if there was none."""
        self._power()
        customer = self._record.message.customer_id
        replies, number = MAILBOXES[customer], len(self.tried[customer]) + len(self._trying)
        self._trying.append(self.now)
        return replies[min(number, len(replies) - 1)]

    def wait(self, seconds: float) -> None:
        """Wait here and now."""
        self._power()
        self.now += float(seconds)
        if self.now > NIGHT:
            raise PowerCut

    def retry(self, seconds: float) -> None:
        """Write the record to a retry topic, to be handled again in so many seconds, as the next attempt."""
        self._power()
        attempt = self._record.attempt
        due = f"{self.now + float(seconds)}".encode()
        self._put(RETRIES[min(attempt, 2) - 1], [("attempt", f"{attempt + 1}".encode()), ("due", due)])

    def give_up(self, reason: str) -> None:
        """Write the record to the dead letters."""
        self._power()
        self._put(LETTERS, [("error", str(reason).encode())])

    def work_through(self, requests: Sequence[Record], handle: Callable[..., Any]) -> None:
        """All requests, then what comes due; the power fails in the middle of the first one."""
        for number, record in enumerate(requests):
            self._handle(record, handle, cut=1 if number == 0 else -1)
        done: set[Position] = set()
        for _ in range(ROUNDS):
            self.settled()
            waiting = read(self._cluster, *RETRIES, timeout=SECONDS)
            new = sorted((due(record), record.position, record) for record in waiting if record.position not in done)
            for at, position, record in new:
                done.add(position)
                self.now = max(self.now, at)
                self._handle(record, handle)
            if not new:
                return

    def _handle(self, record: Record, handle: Callable[..., Any], cut: int = -1) -> None:
        self._record = record
        for power in (cut, -1):
            if not self.live(lambda: self._transact(record, handle), power):
                break

    def _transact(self, record: Record, handle: Callable[..., Any]) -> None:
        self._producer.begin_transaction()
        self._in_transaction, self._trying = True, []
        handle(self, record)
        self._put_offsets(record.topic, {record.partition: record.offset + 1})
        self._end()
        self.tried[record.message.customer_id] += self._trying

    def _put(self, topic: str, headers: Sequence[tuple[str, bytes]]) -> None:
        self._send(topic, self._record.value, self._record.message.order_id, headers)


def due(record: Record) -> float:
    return float(record.header("due") or 0)


class Desk(Program):
    """`begin`, `send`, `mark`, `commit` are the tools of a student."""

    def send(self, letter: Record) -> None:
        """Write the letter to notifications.requests again: in the transaction if there is one, else at once."""
        self._power()
        self._send(REQUESTS, letter.value, (letter.key or b"").decode())

    def mark(self, letter: Record) -> None:
        """Note in the DLQ that the letter was replayed: in the transaction if there is one, else at once."""
        self._power()
        self._send(LETTERS, None, headers=[("replayed", str(letter.position).encode())])

    def press(self, replay: Callable[..., Any], cut: int = -1) -> bool:
        """Press the button; whether the power failed, before call `cut` (-1: never)."""
        self.settled()
        letters = self._stage.read(LETTERS)
        return self.live(lambda: replay(self, letters), cut)

    def fill(self, customers: Sequence[str]) -> None:
        """New dead letters."""
        for name in customers:
            self._send(LETTERS, encode(request(name)), f"ORD-{name}")
