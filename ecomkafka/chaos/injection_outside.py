"""Fault injection outside Kafka and in the data: mail, payment, SQL, bad records, duplicates."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ecomkafka import faults
from ecomkafka.chaos.plan import Step
from ecomkafka.chaos.process_shop import ProcessShop
from ecomkafka.clients.reader import read
from ecomkafka.clock import ManualClock
from ecomkafka.faults import bad_records
from ecomkafka.faults.bad_records import POISON, put, unknown
from ecomkafka.faults.lost_payment_answer import switch_of
from ecomkafka.messages import OrderCreated
from ecomkafka.services.order import DEADLINE, OrderService

COPIED_SECONDS = 20
"""How much of a topic's end is duplicated: services promise nothing for commands older than their memory."""

HOURS_OFF = (-30, -5, 3, 30)


def mail_down(shop: ProcessShop, step: Step) -> None:
    with faults.mail_down(shop.mail):
        shop.wait(step.lasts)


def mail_refuses(shop: ProcessShop, step: Step) -> None:
    with faults.mail_refuses(shop.mail, 0.7):
        shop.wait(step.lasts)


def mail_slow(shop: ProcessShop, step: Step) -> None:
    with faults.mail_slow(shop.mail, 0.5):
        shop.wait(step.lasts)


def mail_silent(shop: ProcessShop, step: Step) -> None:
    """The server accepts a mail and answers after the client has given up: a retry sends it again."""
    with faults.mail_slow(shop.mail, 2.5):
        shop.wait(step.lasts)


def payment_away(shop: ProcessShop, step: Step) -> None:
    _locked(shop, shop.ledger, step.lasts)


def payment_answers_lost(shop: ProcessShop, step: Step) -> None:
    switch = switch_of(shop.ledger)
    switch.touch()
    try:
        shop.wait(step.lasts)
    finally:
        switch.unlink()


def sql_away(shop: ProcessShop, step: Step) -> None:
    _locked(shop, shop.database, step.lasts)


def _locked(shop: ProcessShop, database: Path, seconds: float) -> None:
    """Nobody else can write to the SQLite file."""
    with closing(sqlite3.connect(database, timeout=10.0, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        shop.wait(seconds)
        connection.execute("ROLLBACK")


# --- data


def poison(shop: ProcessShop, step: Step) -> None:
    _everywhere(shop, step, POISON)


def unknown_type(shop: ProcessShop, step: Step) -> None:
    _everywhere(shop, step, unknown())


def oversized(shop: ProcessShop, step: Step) -> None:
    _everywhere(shop, step, bad_records.oversized())


def _everywhere(shop: ProcessShop, step: Step, value: bytes) -> None:
    for partition in range(3):
        put(shop.cluster, step.target, value, partition=partition)


def early_and_late(shop: ProcessShop, step: Step) -> None:
    """Place orders of customers whose clocks are hours off."""
    for hours in HOURS_OFF:
        off = timedelta(hours=hours)
        clock = ManualClock(datetime.now(UTC) + off)
        customers = OrderService(shop.cluster, "travellers", clock=clock, deadline=DEADLINE - off)
        try:
            customers.create_order("traveller", [{"product_id": "MOUSE-001", "quantity": 1}])
        finally:
            customers.stop()


def duplicates(shop: ProcessShop, step: Step) -> None:
    """Every message of the last while once more: of the events only what customers may send twice, since an end is an
    end.
    """
    records = [record for record in read(shop.cluster, step.target) if record.message is not None]
    if step.target == "orders.events":
        records = [record for record in records if isinstance(record.message, OrderCreated)]
    since = max((record.timestamp for record in records), default=0) - 1000 * COPIED_SECONDS
    with closing(shop.cluster.producer()) as producer:
        sent = [
            producer.send(shop.cluster.name(r.topic), key=r.key, value=r.value, headers=list(r.headers))
            for r in sorted(records, key=lambda record: record.timestamp)
            if r.timestamp >= since
        ]
        producer.flush(timeout=10.0)
        for future in sent:
            future.get(timeout=10.0)
