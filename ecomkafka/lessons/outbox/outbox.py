"""The writing side: a message is a row beside the rows that it tells of, written in the same SQL transaction."""

from typing import Any

import sqlalchemy as sa

from ecomkafka.lessons.outbox.tables import OUTBOX


def put(sql: sa.Connection, topic: str, key: str, value: str) -> None:
    """Put a message into the outbox. It is there if the SQL transaction is committed, and else it never was."""
    sql.execute(OUTBOX.insert().values(topic=topic, key=key, value=value))


def unpublished(sql: sa.Connection, limit: int) -> list[Any]:
    """The oldest messages without a mark, in the sequence of their ids."""
    rows = sa.select(OUTBOX).where(~OUTBOX.c.published).order_by(OUTBOX.c.id).limit(limit)
    return list(sql.execute(rows))


def mark(sql: sa.Connection, ids: list[int]) -> None:
    """These messages are in Kafka."""
    sql.execute(OUTBOX.update().where(OUTBOX.c.id.in_(ids)).values(published=True))


def tidy(sql: sa.Connection) -> int:
    """Delete what is in Kafka; returns how many rows that were."""
    return int(sql.execute(OUTBOX.delete().where(OUTBOX.c.published)).rowcount)
