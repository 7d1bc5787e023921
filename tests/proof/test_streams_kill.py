"""Kafka Streams as two processes, one killed with -9 in the middle of its work: every figure is as if nothing had been.

The orders of the shipped week are sold in each of 26 weeks, so that there is a middle. The shop's own `Window` says
what is right.
"""

from contextlib import closing
from datetime import timedelta
from decimal import Decimal

import pytest

from ecomkafka.clients.reader import read
from ecomkafka.domain.windows.window import Window
from ecomkafka.messages import OrderConfirmed, OrderCreated, encode
from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK
from ecomkafka.streams.five_minute_windows import TOPIC
from ecomkafka.streams.instances import Instance, shared
from tests.waiting import PATIENCE, eventually

WEEKS = 26
NAME = "half-a-year"
CHANGELOG = f"{NAME}-windows-changelog"
DAY = len("2011-08-08")


def messages():
    """Each order of the week is created, and confirmed a little later, in each of the weeks."""
    orders = load(WEEK).orders
    for week in range(WEEKS):
        placed = []
        for order in orders:
            at = order.at + timedelta(weeks=week)
            common = {"at": at, "order_id": f"{order.order_id}-{week}", "total": order.total}
            yield OrderCreated(
                **common, customer_id=order.customer_id, lines=order.lines, warehouses=("A",), deadline=at
            )
            placed.append(OrderConfirmed(**common))
        yield from placed


def send(cluster, sent):
    with closing(cluster.producer()) as producer:
        for message in sent:
            producer.send(cluster.name(TOPIC), encode(message), key=message.order_id.encode())
        producer.flush(timeout=PATIENCE)


def expected_windows(sent):
    windows = {}
    for message in sent:
        window = Window.of(message)
        windows[window.start] = windows[window.start] + window if window.start in windows else window
    return {
        window.start.isoformat(): {
            "ORDER_CREATED": (window.created, window.revenue_created),
            "ORDER_CONFIRMED": (window.confirmed, window.revenue_confirmed),
        }
        for window in windows.values()
    }


def told(instances):
    """The windows of all instances, with money as Decimal."""
    return {
        start: {kind: (count, Decimal(money)) for kind, (count, money) in sums.items()}
        for instance in instances
        for start, sums in instance.windows().items()
    }


def committed(cluster):
    """The keys of all windows in the changelog; a key begins with the day."""
    return {record.key for record in read(cluster, CHANGELOG)}


def days_of(windows):
    return {start[:DAY].encode() for start in windows}


def written(keys, days):
    """How many windows of these days there are."""
    return sum(key[:DAY] in days for key in keys)


@pytest.mark.timeout(360)
def test_one_of_two_processes_is_killed_in_the_middle_of_its_work_and_all_figures_are_equal(cluster):
    sent = list(messages())
    expected = expected_windows(sent)
    send(cluster, sent[:100])
    with Instance(cluster, NAME) as one, Instance(cluster, NAME) as two:
        eventually(lambda: one.windows() and two.windows(), "both hold a part")
        eventually(lambda: written(committed(cluster), days_of(one.windows())), "the first has committed windows")
        few = one.windows()
        send(cluster, sent[100:])
        held = eventually(lambda: len(now := one.windows()) > len(few) and now, "the first is at work")
        one.kill()
        left = committed(cluster)

        assert sum(shared([one, two], len(sent), 2 * PATIENCE)) == len(expected)
        assert told([one, two]) == expected

    after = committed(cluster)
    of_the_first = days_of(held)
    assert 0 < written(left, of_the_first) < written(after, of_the_first), "it was not in the middle of its work"
