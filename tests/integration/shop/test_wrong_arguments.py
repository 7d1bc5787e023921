"""What a shop is given that it can't use: one sentence names it, at once, and nothing was made or waited for."""

from contextlib import closing
from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ecomkafka.catalogue import DEFAULT
from ecomkafka.clients import Cluster
from ecomkafka.invariants.witness import Witness
from ecomkafka.shop import Shop
from ecomkafka.shop.instances import Staff
from ecomkafka.shop.load_generator import OrderGenerator
from tests.selling import BASKET
from tests.waiting import PATIENCE

NO_CLOCKS = [None, "now", datetime.now, datetime, SimpleNamespace(now=lambda: "noon")]

CONSTRUCTIONS = [
    ({"cluster": "my-shop"}, "cluster is 'my-shop': a Cluster is needed"),
    ({"cluster": ["127.0.0.1:9092"]}, r"cluster is \['127.0.0.1:9092'\]: a Cluster is needed"),
    *[({"namespace": name}, "namespace .*: letters, digits") for name in (5, 0, False, True, b"x", b"", ["x"], "a b")],
    *[({"catalogue": c}, "catalogue is .*: a Catalogue is needed") for c in (None, [], dict(DEFAULT))],
    *[({"clock": clock}, "clock is .*: an object is needed whose now") for clock in NO_CLOCKS],
    *[({"retry_delays": delays}, "retry_delays is .*: ") for delays in (5, None, "12", [1])],
    ({"retry_delays": [1e30, 1e30]}, r"retry delay is 1e\+30: from 0 to 31,536,000 seconds \(365 days\) are allowed"),
    *[({flag: "no"}, f"{flag} is 'no': True or False is needed") for flag in ("mail", "processes", "metrics")],
    ({"mail": None}, "mail is None: True or False is needed"),
    ({"deadline": 30}, "deadline is 30: a timedelta is needed"),
    ({"allowed_lateness": None}, "allowed_lateness is None: "),
]


@pytest.fixture(scope="module")
def witness(shop):
    with Witness(shop.cluster) as running:
        yield running


@pytest.mark.parametrize(("wrong", "sentence"), CONSTRUCTIONS)
def test_a_shop_is_made_only_of_what_it_can_use(wrong, sentence, on_the_tests_broker):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        Shop(**wrong)


def test_numbers_of_other_libraries_are_delays(on_the_tests_broker):
    shop = Shop(retry_delays=np.array([1, 2]))
    assert shop.notification_service._policy.delays == (1.0, 2.0)
    shop.stop()


def test_an_empty_namespace_is_none_given_and_leaves_no_topics(broker, on_the_tests_broker):
    with Shop(namespace="") as shop:
        name = shop.cluster.namespace
        assert shop.order("ann", BASKET) == "ORD-0001"
    with closing(Cluster.of(broker.bootstrap).admin()) as admin:
        assert [topic for topic in admin.list_topics() if topic.startswith(f"{name}.")] == []


@pytest.mark.parametrize("limit", [float("nan"), "5", None, 10**400, -1])
@pytest.mark.parametrize("what", ["wait", "settle", "sync of the witness", "sync of the read model"])
def test_a_shop_waits_only_with_a_limit(shop, witness, what, limit):
    waits = {
        "wait": lambda: shop.wait("nope", timeout=limit),
        "settle": lambda: shop.settle(limit),
        "sync of the witness": lambda: witness.sync(limit),
        "sync of the read model": lambda: shop.read_model.sync(limit),
    }
    with pytest.raises(ValueError, match=r"^timeout is .*: a number of seconds"):
        waits[what]()


def test_a_timedelta_is_a_limit(shop, witness):
    limit = timedelta(seconds=PATIENCE)
    assert shop.wait(shop.order("ann", BASKET), limit) == "CONFIRMED"
    shop.settle(limit)
    witness.sync(limit)


NO_IDS = [None, 7, "", ["ORD-0001"], "\ud800", "x" * 10_000, b"x", pd.Series(["ORD-0001"]), pd.NA]


@pytest.mark.parametrize("name", NO_IDS, ids=lambda name: f"{name!r:.20}")
@pytest.mark.parametrize("ask", ["wait", "trace"])
def test_what_can_name_no_order_is_refused_at_once(shop, name, ask):
    with pytest.raises(ValueError, match=r"^order_id is (.|\n)*: 1 to 100 printable characters are allowed") as refused:
        getattr(shop, ask)(name)
    assert len(str(refused.value)) < 200


def test_an_order_that_is_not_there_is_still_not_found(shop):
    with pytest.raises(LookupError, match="no record of order 'nope'"):
        shop.trace("nope")


@pytest.mark.parametrize("port", ["8000", 99_999, -1, True, None, 8000.5])
def test_a_gateway_opens_only_at_a_port(shop, port):
    with pytest.raises(ValueError, match=f"^port is {port!r}: 1 to 65535 is allowed, or 0"):
        shop.gateway(port)


def test_only_a_witness_can_be_asked(shop):
    with pytest.raises(ValueError, match=r"^witness is 'x': a Witness is needed"):
        shop.invariants("x")


def test_a_witness_that_was_never_started_says_so_at_once(shop):
    with pytest.raises(RuntimeError, match=r"the witness does not read: start\(\) it"):
        shop.invariants(Witness(shop.cluster))


def test_only_what_can_be_called_is_called_at_the_close(shop):
    with pytest.raises(ValueError, match=r"^close is 5: a function without arguments is needed"):
        shop.on_close(5)


def test_a_staff_s_sentences_name_what_is_wrong(shop):
    staff = Staff(shop)
    for change in (staff.add, staff.remove):
        for name in ("Order", None, ["order"]):
            with pytest.raises(ValueError, match=r"service is .*: order, inventory, notification, analytics are"):
                change(name)
    with pytest.raises(ValueError, match=r"worker is 'order': one of its instances is needed"):
        staff.crash("order", "before_commit")
    with pytest.raises(ValueError, match=r"worker is 'order': one of its instances is needed"):
        staff.restart("order")


@pytest.mark.parametrize("rate", [np.int64(0), np.float32(0)])
def test_rates_are_numbers_of_any_library(shop, rate):
    generator = OrderGenerator(shop)
    generator.rate = rate
    shop.ledger.decline_rate = rate
    shop.mail_server.failure_rate = rate
    assert generator.rate == shop.ledger.decline_rate == shop.mail_server.failure_rate == 0.0
    generator.stop()
