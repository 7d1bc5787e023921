"""Confirmed orders and their mails on the real broker: who has one within ten minutes, and what never came."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import pandas as pd

from ecomkafka.clients.reader import read
from ecomkafka.streams import Engine, start_java
from ecomkafka.streams.dated_records import write
from ecomkafka.streams.mails import topology
from tests.waiting import eventually

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ORDERS = 40
BEATS = [f"beat-{number}" for number in range(12)]
"""Orders of later days: enough that every partition gets one, and stream time goes on there."""

CONFIRMED = json.dumps({"type": "ORDER_CONFIRMED"})


def mail(order):
    return json.dumps({"type": "NOTIFICATION_SENT", "notification_id": f"mail-{order}"})


def test_each_confirmed_order_has_its_mail_or_a_row_that_says_it_never_came(cluster):
    start_java()
    from java.time import Duration

    table = pd.DataFrame({"order": [f"ORD-{number}" for number in range(ORDERS)]})
    table["confirmed"] = [NOON + timedelta(minutes=number) for number in range(ORDERS)]
    table["sent"] = table["confirmed"] + pd.to_timedelta([(7 * number) % 30 - 12 for number in range(ORDERS)], "min")
    mailed = table[table.index % 4 != 0]
    near = mailed[(mailed["sent"] - mailed["confirmed"]).abs() <= timedelta(minutes=10)]
    expected = dict.fromkeys(table["order"]) | {order: f"mail-{order}" for order in near["order"]}
    assert 10 < len(near) < len(mailed) < ORDERS

    write(cluster, "answered", [])
    write(
        cluster, "mails", [(order, mail(order), at) for order, at in zip(mailed["order"], mailed["sent"], strict=True)]
    )
    write(
        cluster,
        "confirmed",
        [(order, CONFIRMED, at) for order, at in zip(table["order"], table["confirmed"], strict=True)],
    )
    names = map(cluster.name, ("confirmed", "mails", "answered"))
    days = itertools.count(1)

    def all_answers():
        later = NOON + timedelta(days=next(days))
        write(cluster, "confirmed", [(beat, CONFIRMED, later) for beat in BEATS])
        rows = {record.key.decode(): json.loads(record.value) for record in read(cluster, "answered")}
        answers = {order: answer for order, answer in rows.items() if order not in BEATS}
        return answers if len(answers) == ORDERS else None

    with Engine(cluster, "mails", topology(*names, Duration.ofMinutes(10), Duration.ofHours(1))) as engine:
        engine.settle()
        assert eventually(all_answers, "a row for each order") == expected
