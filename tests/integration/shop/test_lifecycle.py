"""A shop is started, stopped, started again, and shares its name: as cells of a notebook are run twice."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from ecomkafka.catalogue import DEFAULT, Catalogue, Product
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics, delete_topics
from ecomkafka.invariants.check import OLDER
from ecomkafka.invariants.witness import Witness
from ecomkafka.shop import Shop
from tests.waiting import PATIENCE, eventually

BASKET = {"LAPTOP-001": 1, "MOUSE-001": 1}


@pytest.fixture(autouse=True)
def _kafka(broker, monkeypatch):
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)


@pytest.fixture
def mine(broker):
    """A namespace of somebody's own: its topics stay when a shop closes."""
    yield "mine"
    delete_topics(Cluster.of(broker.bootstrap, "mine"))


def sells(shop):
    """An order goes all the way, and everything adds up."""
    order_id = shop.order("ann", BASKET)
    assert shop.wait(order_id, PATIENCE) == "CONFIRMED"
    shop.settle(PATIENCE)
    table = shop.invariants()
    assert table["holds"].fillna(True).all(), table[table["holds"] == False]["first"].to_dict()  # noqa: E712
    return order_id


@pytest.mark.parametrize("processes", [False, True])
def test_a_shop_that_was_stopped_can_be_started_again(processes):
    shop = Shop(processes=processes)
    for _ in range(2):
        assert shop.start() is shop
        assert sells(shop) == "ORD-0001"
        assert len(shop.mailbox()) == 1
        shop.stop()
        shop.stop()


def test_a_with_block_can_be_run_twice():
    shop = Shop()
    for _ in range(2):
        with shop:
            sells(shop)


def test_a_second_start_does_nothing():
    with Shop().start() as shop:
        first = sells(shop)
        assert shop.start() is shop
        assert shop.read_model.status(first) == "CONFIRMED"
        assert sells(shop) == "ORD-0002"


def test_a_closed_shop_takes_no_order_and_says_what_to_do():
    shop = Shop().start()
    shop.stop()
    with pytest.raises(RuntimeError, match=r"the shop is closed: start\(\) opens it again"):
        shop.order("ann", BASKET)


def test_who_waits_for_an_order_of_a_shop_that_is_stopped_hears_so_at_once():
    shop = Shop().start()
    shop.inventory_service.stop()
    order_id = shop.order("ann", BASKET)
    shop.stop()
    with pytest.raises(RuntimeError, match="the shop is closed"):
        shop.wait(order_id, timeout=600)


def test_who_settles_a_shop_that_another_thread_stops_hears_so_at_once(mine):
    shop = Shop(namespace=mine).start()
    shop.inventory_service.stop()
    shop.order("ann", BASKET)
    with ThreadPoolExecutor() as pool:
        settling = pool.submit(shop.settle, 600)
        shop.stop()
        with pytest.raises(RuntimeError, match="the shop is closed"):
            settling.result(timeout=PATIENCE)


def test_two_threads_that_start_a_shop_start_it_once():
    shop = Shop()
    with ThreadPoolExecutor() as pool:
        for started in [pool.submit(shop.start) for _ in range(2)]:
            assert started.result(timeout=PATIENCE) is shop
    sells(shop)
    shop.stop()


def test_a_shop_whose_start_failed_can_be_started_when_the_cause_is_gone(monkeypatch):
    shop = Shop()
    server = shop.mail_server
    monkeypatch.setattr(type(server), "start", lambda self: (_ for _ in ()).throw(OSError("no port")))
    with pytest.raises(OSError, match="no port"):
        shop.start()
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", ",".join(shop.cluster.bootstrap))
        with shop:
            sells(shop)


def test_what_is_older_than_a_shop_is_not_held_against_it(mine):
    for opened in range(2):
        with Shop(namespace=mine) as shop:
            sells(shop)
            notes = shop.invariants()["first"]
            told = [name for name, note in notes.items() if note.startswith(OLDER)]
            assert told == (["money_and_goods_move_together", "every_customer_is_told_once"] if opened else [])


def test_a_charge_that_is_missing_is_still_seen_beside_what_is_older(mine):
    with Shop(namespace=mine) as shop:
        sells(shop)
    with Shop(namespace=mine) as shop:
        order_id = shop.order("ann", BASKET)
        shop.wait(order_id, PATIENCE)
        shop.settle(PATIENCE)
        shop.ledger.void(order_id)
        assert order_id in shop.invariants().loc["money_and_goods_move_together", "first"]


def test_new_products_of_a_larger_catalogue_get_their_opening_stock(mine):
    new = Product("RAT-001", "Rat", Decimal(5), "WH-ROME", 7)
    changed = Product("MOUSE-001", "Mouse", Decimal("29.99"), "WH-LONDON", 999)
    with Shop(namespace=mine) as shop:
        sells(shop)
    for _ in range(2):
        with Shop(namespace=mine, catalogue=Catalogue([*DEFAULT.values(), changed, new])) as shop:
            on_hand = shop.stock().reset_index().set_index("product")["on hand"]
            assert (on_hand["RAT-001"], on_hand["LAPTOP-001"], on_hand["MOUSE-001"]) == (7, 49, 199)
            told = [line for line in shop.log.lines if "opening stock stays" in line]
            assert len(told) == 1
            assert all(word in told[0] for word in ("MOUSE-001", "200", "999", "restock()"))


SECOND = """
from ecomkafka.shop import Shop
with Shop(namespace="mine"):
    print("open", flush=True)
    input()
"""


def test_a_shop_whose_name_another_process_has_taken_says_which_and_what_to_do(mine, monkeypatch):
    with Shop(namespace=mine) as shop:
        sells(shop)
        child = subprocess.Popen(
            [sys.executable, "-c", SECOND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert child.stdout.readline() == "open\n"
            eventually(lambda: shop.inventory_service.status == "fenced", "the older one is fenced")
            what = rf"process {child.pid} on .*stop one of the two, or choose another namespace"
            with pytest.raises(RuntimeError, match=what):
                shop.wait("ORD-never", timeout=600)
            assert str(child.pid) in shop.health()
        finally:
            child.communicate("\n", timeout=PATIENCE)


@pytest.mark.parametrize(("first", "second"), [("team_a", "team.a"), ("group.b", "group_b")])
def test_names_that_kafka_takes_for_the_same_are_refused(broker, first, second):
    there = Cluster.of(broker.bootstrap, first)
    create_topics(there)
    try:
        with pytest.raises(ValueError, match=rf"namespace '{second}': .*choose another namespace"):
            Shop(namespace=second).start()
    finally:
        delete_topics(there)


def test_a_witness_is_not_started_twice_and_reads_on_after_a_stop(cluster):
    witness = Witness(cluster)
    with witness:
        with pytest.raises(RuntimeError, match=r"stop\(\) it first"):
            witness.start()
        witness.sync()
    with cluster.producer() as producer:
        producer.send(cluster.name("orders.events"), b"{}", partition=0).get(timeout=PATIENCE)
    with witness:
        witness.sync()
        assert witness.seen["orders.events", 0] == [0]
