"""The world outside Kafka is down, slow or silent: orders go on, and what was done is done once."""

import pytest

from ecomkafka.faults import mail_down, mail_refuses, mail_slow, payment_forgets, payment_slow, sql_gone
from ecomkafka.invariants.check import check
from ecomkafka.shop import Shop
from tests.waiting import eventually


@pytest.fixture(scope="module")
def shop(broker):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        with Shop(retry_delays=(0.5, 4.0)) as running:
            yield running


def broken(shop):
    return {name: found for name, found in check(shop.facts()).items() if found}


def attempts(shop, order_id):
    """On which topics the order's notification was asked for."""
    trace = shop.trace(order_id)
    return list(trace[trace["type"] == "SEND_NOTIFICATION"]["topic"])


def told(shop, order_id):
    return list(shop.mailbox()["notification_id"]).count(f"{order_id}-ORDER_CONFIRMED")


@pytest.mark.parametrize(
    "fault",
    [mail_down, mail_refuses, lambda server: mail_slow(server, 2.5)],
    ids=["down", "refuses", "too slow to be heard"],
)
def test_mail_that_fails_is_sent_later_and_once(shop, fault):
    with fault(shop.mail_server):
        order_id = shop.order("ann", {"MOUSE-001": 1})
        assert shop.wait(order_id) == "CONFIRMED"
        eventually(lambda: len(attempts(shop, order_id)) > 1, "the first retry")
    eventually(lambda: told(shop, order_id), "the mail")
    shop.settle()
    assert told(shop, order_id) == 1
    assert broken(shop) == {}


def test_a_payment_that_is_made_and_not_answered_is_made_once(shop):
    with payment_forgets(shop.order_service):
        order_id = shop.order("ann", {"MOUSE-001": 1})
        eventually(lambda: charge(shop, order_id), "the charge")
        eventually(lambda: shop.read_model.status(order_id) == "PENDING", "SQL knows that it waits")
    assert shop.wait(order_id) == "CONFIRMED"
    assert charge(shop, order_id).asked > 1
    shop.settle()
    assert broken(shop) == {}


def test_a_payment_that_is_slow_is_seen_in_the_trace_and_fails_nothing(shop):
    with payment_slow(shop.order_service, 0.3):
        order_id = shop.order("ann", {"MOUSE-001": 1})
        assert shop.wait(order_id) == "CONFIRMED"
    trace = shop.trace(order_id).drop_duplicates("type").set_index("type")["ms"]
    assert trace["ORDER_CONFIRMED"] - trace["RESERVED"] >= 290
    shop.settle()
    assert broken(shop) == {}


def charge(shop, order_id):
    return next((charge for charge in shop.ledger.charges() if charge.order_id == order_id), None)


def test_sql_that_is_gone_for_a_while_misses_nothing(shop):
    with sql_gone(shop.read_model.engine):
        order_id = shop.order("ann", {"MOUSE-001": 1})
        eventually(lambda: shop.read_model.state == "recovering", "the read model notices")
        types = "ORDER_CREATED", "ORDER_CONFIRMED"
        eventually(lambda: set(types) <= set(shop.trace(order_id)["type"]), "the order goes on without SQL")
    assert shop.wait(order_id) == "CONFIRMED"
    shop.settle()
    assert broken(shop) == {}
