"""The reading side: a message's id is a row beside the rows that it changes, written in the same SQL transaction."""

from typing import Any

import sqlalchemy as sa

from ecomkafka.lessons.outbox.relay import MESSAGE_ID


def is_new(sql: sa.Connection, message_id: str) -> bool:
    """Note the id; False if it was noted before. The note is committed with the message's effect, or neither is."""
    insert = "INSERT INTO inbox (message_id) VALUES (:id) ON CONFLICT DO NOTHING"  # the id is the primary key
    return sql.execute(sa.text(insert), {"id": message_id}).rowcount == 1


def id_of(record: Any) -> str:
    """The id that the relay has given it, the same on every copy."""
    return str(dict(record.headers)[MESSAGE_ID].decode())
