"""The relay: it polls the outbox, publishes what it finds, and marks it. After a crash it may publish again."""

from typing import Any

import sqlalchemy as sa

from ecomkafka.lessons.outbox import outbox

MESSAGE_ID = "message-id"
"""The header by which a reader recognises a copy: the name of the outbox and the id of its row."""

ANSWER_SECONDS = 15.0


class Relay:
    """One outbox's only relay: two of them could publish a message twice, and mix the sequence."""

    def __init__(self, engine: sa.Engine, producer: Any, source: str) -> None:
        """`source` names this outbox among all others."""
        self.engine, self.producer, self.source = engine, producer, source

    def run_once(self, limit: int = 100) -> int:
        """Publish the oldest messages and mark them; returns how many.

        Raises KafkaError if a message is refused. The messages before it are marked. The refused message stays, and so
        do all after it; the broker may have some of these by now, and they are published again, behind it.
        """
        with self.engine.connect() as sql:
            rows = outbox.unpublished(sql, limit)
        sent: list[tuple[int, Any]] = []
        try:
            for row in rows:
                sent.append((row.id, self._send(row)))
        finally:
            self._mark(sent)
        return len(rows)

    def _mark(self, sent: list[tuple[int, Any]]) -> None:
        """Mark what the broker acknowledges, up to the first that it refuses."""
        published: list[int] = []
        try:
            for number, future in sent:
                future.get(timeout=ANSWER_SECONDS)
                published.append(number)
        finally:
            if published:
                with self.engine.begin() as sql:
                    outbox.mark(sql, published)

    def _send(self, row: Any) -> Any:
        headers = [(MESSAGE_ID, f"{self.source}-{row.id}".encode())]
        return self.producer.send(row.topic, key=row.key.encode(), value=row.value.encode(), headers=headers)
