"""The stage of lesson 10: databases whose power fails, and a relay's desk between a real database and the broker."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple, Self

from ecomkafka.exercises.checking.power_cut import Database
from ecomkafka.exercises.checking.program import Program
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.lessons.outbox.relay import MESSAGE_ID

EVENTS = "orders.events"
TOO_LARGE = 3_000_000
"""Bytes that Kafka's client refuses to send."""


class Sales(Database):
    """The writing side: also the tables `orders (order_id)` and `outbox (order_id)`."""

    def __init__(self, cut: int) -> None:
        super().__init__(cut)
        self._sql.execute("CREATE TABLE orders (order_id TEXT PRIMARY KEY)")
        self._sql.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, order_id TEXT)")

    def rows(self) -> tuple[list[str], list[str]]:
        """The order ids of each table."""
        orders = self._sql.execute("SELECT order_id FROM orders").fetchall()
        outbox = self._sql.execute("SELECT order_id FROM outbox ORDER BY id").fetchall()
        return [name for (name,) in orders], [name for (name,) in outbox]


class Message(NamedTuple):
    """What the bonus program gets: a copy has the same id."""

    id: str
    customer: str
    points: int


class Bonus(Database):
    """The reading side: also the tables `inbox (message_id)` and `points (customer, points)`."""

    def __init__(self, cut: int, customers: Sequence[str]) -> None:
        super().__init__(cut)
        self._sql.execute("CREATE TABLE inbox (message_id TEXT PRIMARY KEY)")
        self._sql.execute("CREATE TABLE points (customer TEXT PRIMARY KEY, points INTEGER)")
        self._sql.executemany("INSERT INTO points VALUES (?, 0)", [(name,) for name in customers])
        self._sql.commit()

    def points(self) -> dict[str, int]:
        return dict(self._sql.execute("SELECT customer, points FROM points").fetchall())


class Row(NamedTuple):
    """A message in the outbox."""

    id: int
    order_id: str
    text: str


class Desk(Program):
    """A relay's desk: `unpublished`, `publish`, `mark` are the tools of a student."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.acknowledged: list[int] = []
        """The ids that the broker has acknowledged, in this sequence."""
        self._sql = sqlite3.connect(":memory:", check_same_thread=False)  # a check's calls run in threads, one by one
        self._sql.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, order_id TEXT, text TEXT, published INTEGER)")

    def unpublished(self) -> list[Row]:
        """The rows without a mark, in the sequence of their ids."""
        self._power()
        return self._rows("NOT published")

    def publish(self, row: Row) -> None:
        """Send the row's message, and wait for the broker's answer. Raises KafkaError if it is refused."""
        self._power()
        headers = [(MESSAGE_ID, str(row.id).encode())]
        self._send(EVENTS, row.text.encode(), row.order_id, headers)
        self.acknowledged.append(row.id)

    def mark(self, row: Row) -> None:
        """Note in the row that its message is in Kafka."""
        self._power()
        self._sql.execute("UPDATE outbox SET published = 1 WHERE id = ?", (row.id,))

    def write(self, *messages: tuple[str, str]) -> list[int]:
        """New rows, each of an order and with a text; returns their ids. Rows from before are gone."""
        self._sql.execute("UPDATE outbox SET published = 1")
        insert = "INSERT INTO outbox (order_id, text, published) VALUES (?, ?, 0)"
        return [int(self._sql.execute(insert, message).lastrowid or 0) for message in messages]

    def repair(self) -> None:
        """Cut every text to a length that can be sent."""
        self._sql.execute("UPDATE outbox SET text = substr(text, 1, 20)")

    def marked(self, ids: Sequence[int]) -> list[int]:
        return [row.id for row in self._rows("published") if row.id in ids]

    def _rows(self, condition: str) -> list[Row]:
        found = self._sql.execute(f"SELECT id, order_id, text FROM outbox WHERE {condition} ORDER BY id")
        return [Row(*row) for row in found]

    def _restart(self) -> None:
        """It has no transaction that could be open."""
        self._left = -1

    def __enter__(self) -> Self:
        self._open.callback(self._sql.close)
        return super().__enter__()


def polled(commits: Sequence[tuple[int, int | None]], polls: Sequence[int]) -> tuple[set[int], int]:
    """Let a relay that remembers the last id poll a real table; the ids that it has found, and the last one.

    `commits`: of each row its id and when it is committed (None: it is rolled back); `polls`: when the relay asks.
    """
    sql = sqlite3.connect(":memory:")
    try:
        sql.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY)")
        found, last, moments = set[int](), 0, [(at, 0, number) for number, at in commits if at is not None]
        for _, is_poll, number in sorted([*moments, *((at, 1, 0) for at in polls)]):
            if not is_poll:
                sql.execute("INSERT INTO outbox VALUES (?)", (number,))
                continue
            new = [row for (row,) in sql.execute("SELECT id FROM outbox WHERE id > ? ORDER BY id", (last,))]
            found.update(new)
            last = max([last, *new])
        return found, last
    finally:
        sql.close()
