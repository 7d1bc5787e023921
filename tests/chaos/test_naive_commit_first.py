"""The naive notification service is right while nothing goes wrong, and forgets a customer when it crashes."""

from collections.abc import Iterator

import pytest

from ecomkafka.broker import Broker
from ecomkafka.clients.groups import lags
from ecomkafka.faults import crash
from ecomkafka.invariants.check import check
from ecomkafka.lessons.naive_commit_first import CommitFirst
from ecomkafka.messages import NotificationSent
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE, eventually


@pytest.fixture
def shop(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Shop() as shop:
        shop.notification_service.stop()
        naive = shop.notification_service = CommitFirst(shop.cluster, server=shop.mail_server)
        with naive:
            yield shop


def test_it_tells_each_customer_once_while_nothing_goes_wrong(shop):
    shop.wait(shop.order("ann", {"MOUSE-001": 1}))
    shop.mail_server.wait_for(1, PATIENCE)
    shop.settle()
    facts = shop.facts()
    assert {name: broken for name, broken in check(facts).items() if broken} == {}
    assert [event.notification_id for event in facts.messages(NotificationSent)] == ["ORD-0001-ORDER_CONFIRMED"]


def test_after_a_crash_nobody_knows_what_it_had_in_hand_but_the_invariant(shop):
    naive = shop.notification_service
    fault = crash(naive, "after_offsets")
    shop.wait(shop.order("bob", {"MOUSE-001": 1}))
    assert fault.happened.wait(PATIENCE)
    eventually(lambda: naive.status == "crashed", "the end of the crashed instance")
    naive.start()
    shop.wait(shop.order("eve", {"MOUSE-001": 1}))
    shop.mail_server.wait_for(1, PATIENCE)
    shop.settle()

    assert shop.mailbox()["notification_id"].tolist() == ["ORD-0002-ORDER_CONFIRMED"]
    assert naive.status == "running"
    assert sum(lag.lag for lag in lags(shop.cluster)) == 0
    facts = shop.facts()
    [request] = [r for r in facts.of("notifications.requests") if r.message.order_id == "ORD-0001"]
    broken = {name: found for name, found in check(facts).items() if found}
    assert broken == {
        "every_customer_is_told_once": [("ORD-0001-ORDER_CONFIRMED", f"{request.position}: 0 outcomes, not one")]
    }
