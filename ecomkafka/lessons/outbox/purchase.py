"""A purchase without an orchestrator: each service reads all events, reacts to some, and tells what it has done.

Each has a database of its own, with an inbox and an outbox. No service knows the whole way; it is spread over RULES.
"""

import json
from collections.abc import Iterable
from typing import Any, Self

import sqlalchemy as sa
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from ecomkafka.gateways.sql_tables import open_engine
from ecomkafka.lessons.outbox import inbox, outbox
from ecomkafka.lessons.outbox.relay import Relay
from ecomkafka.lessons.outbox.tables import METADATA, STEPS
from ecomkafka.lessons.reading import to_end

RULES = {
    "sales": {},
    "inventory": {"ORDER_CREATED": "STOCK_RESERVED", "PAID": "PARCEL_PACKED"},
    "payment": {"STOCK_RESERVED": "PAID"},
    "notification": {"PAID": "MAIL_SENT"},
}
"""Of each service: which event it reacts to, and what it does then."""


class Participant:
    """A service of a choreography. Use it in a `with` block, or `close` it."""

    def __init__(self, bootstrap: Iterable[str], topic: str, name: str) -> None:
        self.topic, self.name = topic, name
        self.database = open_engine("sqlite://")
        METADATA.create_all(self.database)
        self.consumer = KafkaConsumer(
            bootstrap_servers=list(bootstrap), group_id=f"{topic}.{name}", enable_auto_commit=False,
            auto_offset_reset="earliest",
        )  # fmt: skip
        self.consumer.assign([TopicPartition(topic, 0)])
        self.producer = KafkaProducer(bootstrap_servers=list(bootstrap))
        self.relay = Relay(self.database, self.producer, name)

    def work(self, relaying: bool = True) -> int:
        """Handle what is new; returns how many messages the relay has published then."""
        for record in to_end(self.consumer):
            with self.database.begin() as sql:
                if inbox.is_new(sql, inbox.id_of(record)):
                    self._react(sql, json.loads(record.value))
            self.consumer.commit()
        return self.relay.run_once() if relaying else 0

    def _react(self, sql: sa.Connection, event: dict[str, Any]) -> None:
        if step := RULES[self.name].get(event["type"]):
            self.do(sql, event["order_id"], step)

    def do(self, sql: sa.Connection, order_id: str, step: str) -> None:
        """Do this step of the order, and tell the others, in one SQL transaction."""
        sql.execute(STEPS.insert().values(order_id=order_id, step=step))
        outbox.put(sql, self.topic, order_id, json.dumps({"type": step, "order_id": order_id}))

    def last_step(self, order_id: str) -> str | None:
        """What this service can say about the order: the last thing that it has done itself."""
        mine = sa.select(STEPS.c.step).where(STEPS.c.order_id == order_id).order_by(STEPS.c.number.desc())
        with self.database.connect() as sql:
            return sql.execute(mine).scalars().first()

    def close(self) -> None:
        self.consumer.close()
        self.producer.close(timeout=10)
        self.database.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
