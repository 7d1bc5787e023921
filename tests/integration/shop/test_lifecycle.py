"""A shop is started, stopped, started again, and shares its name: as cells of a notebook are run twice."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from ecomkafka.catalogue import DEFAULT, Catalogue, Product
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics, delete_topics
from ecomkafka.clients.reader import read
from ecomkafka.domain.placed_orders import OtherOrderError
from ecomkafka.gateways.order_projection import OrderProjection
from ecomkafka.invariants.check import OLDER
from ecomkafka.invariants.witness import Witness
from ecomkafka.services.inventory import InventoryService
from ecomkafka.shop import Shop
from tests.selling import BASKET, broken, sells
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.usefixtures("on_the_tests_broker")

HEADSET = {"product_id": "HEADSET-001", "quantity": 1}
LAPTOP = {"product_id": "LAPTOP-001", "quantity": 1}


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
    with pytest.raises(RuntimeError, match=r"the shop is not open: start\(\) it first"):
        shop.order("ann", BASKET)


def test_who_waits_for_an_order_of_a_shop_that_another_thread_stops_hears_so_at_once():
    shop = Shop().start()
    shop.inventory_service.stop()
    order_id = shop.order("ann", BASKET)
    asked, ask = threading.Event(), shop.read_model.status
    shop.read_model.status = lambda order_id: asked.set() or ask(order_id)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(shop.wait, order_id, 600)
        assert asked.wait(PATIENCE)
        shop.stop()
        with pytest.raises(RuntimeError, match="the shop is closed"):
            waiting.result(timeout=PATIENCE)


def test_who_settles_a_shop_that_another_thread_stops_hears_so_at_once(mine):
    shop = Shop(namespace=mine).start()
    shop.inventory_service.stop()
    shop.order("ann", BASKET)
    with ThreadPoolExecutor() as pool:
        settling = pool.submit(shop.settle, 600)
        shop.stop()
        with pytest.raises(RuntimeError, match=r"the shop is (closed|not open)"):
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
        with Shop(namespace=mine, catalogue=Catalogue([*{**DEFAULT, "MOUSE-001": changed}.values(), new])) as shop:
            on_hand = shop.stock().reset_index().set_index("product")["on hand"]
            assert (on_hand["RAT-001"], on_hand["LAPTOP-001"], on_hand["MOUSE-001"]) == (7, 49, 199)
            told = [line for line in shop.log.lines if "opening stock stays" in line]
            assert len(told) == 1
            assert all(word in told[0] for word in ("MOUSE-001", "200", "999", "restock()"))


ELSEWHERE = Catalogue({**DEFAULT, "MOUSE-001": replace(DEFAULT["MOUSE-001"], warehouse_id="WH-ROME")}.values())
MOVED = (
    r"product 'MOUSE-001': its stock is kept in warehouse 'WH-LONDON', and the catalogue has it in 'WH-ROME': "
    "keep the warehouse, or use another namespace"
)


@pytest.mark.parametrize("processes", [False, True])
def test_a_catalogue_that_moves_a_product_to_another_warehouse_is_refused_and_nothing_changes(mine, processes):
    with Shop(namespace=mine) as shop:
        sells(shop)
        before = {topic: len(read(shop.cluster, topic)) for topic in ("inventory.requests", "inventory.stock")}
        with pytest.raises(ValueError, match=MOVED):
            Shop(namespace=mine, catalogue=ELSEWHERE, processes=processes).start()
        assert {topic: len(read(shop.cluster, topic)) for topic in before} == before
        sells(shop)  # nobody has taken its services' names
        assert shop.stock().loc["MOUSE-001", "on hand"] == 198


def test_a_restock_into_another_warehouse_than_the_products_is_refused(mine):
    new = Product("RAT-001", "Rat", Decimal(5), "WH-ROME", 0)
    with Shop(namespace=mine, catalogue=Catalogue([*DEFAULT.values(), new])) as shop:
        inventory = shop.inventory_service
        with pytest.raises(ValueError, match=MOVED):
            inventory.restock("r1", {"MOUSE-001": 5}, ELSEWHERE)
        inventory.restock("r2", {"RAT-001": 5}, shop.catalogue)
        shop.settle()
        moved = Catalogue([replace(new, warehouse_id="WH-BERLIN")])
        other = InventoryService(shop.cluster, "another-client")
        for client in (inventory, other):
            with pytest.raises(ValueError, match="'RAT-001': its stock is kept in warehouse 'WH-ROME'"):
                client.restock("r3", {"RAT-001": 5}, moved)
            client.restock("r4", {"RAT-001": 5}, shop.catalogue)
        other.stop()
        shop.settle()
        assert shop.stock().loc["RAT-001", "on hand"] == 10
        sells(shop)


def test_a_product_that_leaves_the_catalogue_is_told_and_open_orders_keep_it(mine):
    with Shop(namespace=mine) as shop:
        shop.inventory_service.stop()
        order_id = shop.order("ann", {"MOUSE-001": 2})
    with Shop(namespace=mine, catalogue=Catalogue(p for p in DEFAULT.values() if p.product_id != "MOUSE-001")) as shop:
        assert shop.wait(order_id) == "CONFIRMED"
        shop.settle()
        assert shop.invariants().loc["stock_is_conserved", "holds"]
        (told,) = [line for line in shop.log.lines if "not in the catalogue" in line]
        assert "MOUSE-001" in told
    with Shop(namespace=mine) as shop:
        assert shop.stock().loc["MOUSE-001", "on hand"] == 198


def test_an_id_in_other_letters_is_another_product_and_a_new_price_holds_for_new_orders(mine):
    small = replace(DEFAULT["MOUSE-001"], product_id="mouse-001", price=Decimal(7), opening=3, warehouse_id="WH-ROME")
    dearer = replace(DEFAULT["MOUSE-001"], price=Decimal(100))
    with Shop(namespace=mine) as shop:
        shop.inventory_service.stop()
        old = shop.order("ann", {"MOUSE-001": 1})
    with Shop(namespace=mine, catalogue=Catalogue([*{**DEFAULT, "MOUSE-001": dearer}.values(), small])) as shop:
        ordered = [old, shop.order("ann", {"MOUSE-001": 1}), shop.order("ann", {"mouse-001": 1})]
        assert [shop.wait(order_id) for order_id in ordered] == ["CONFIRMED"] * 3
        shop.settle()
        totals = shop.orders().set_index("order_id")["total"]
        assert [totals[order_id] for order_id in ordered] == [Decimal("29.99"), Decimal(100), Decimal(7)]
        on_hand = shop.stock()["on hand"]
        assert (on_hand["MOUSE-001"], on_hand["mouse-001"]) == (198, 2)
        table = shop.invariants()
        assert table["holds"].fillna(True).all(), table["first"].to_dict()


@pytest.mark.parametrize("processes", [False, True])
def test_an_id_of_an_order_from_before_the_shop_was_opened_belongs_to_that_order(mine, processes):
    items = [{"product_id": "MOUSE-001", "quantity": 2, "price": "10.10", "discount": "0.10"}, HEADSET]
    with Shop(namespace=mine, processes=processes) as shop:
        assert shop.wait(shop.order("ann", items, "O-1"), PATIENCE) == "CONFIRMED"
    with Shop(namespace=mine, processes=processes) as shop:
        for customer_id, others in (("zoe", items), ("ann", items[:1]), ("ann", items[::-1]), ("ann", [LAPTOP])):
            with pytest.raises(OtherOrderError, match="order_id 'O-1' belongs to another order already"):
                shop.order(customer_id, others, "O-1")
        cheaper = [items[0] | {"discount": "0.20"}, HEADSET]
        with pytest.raises(OtherOrderError, match="'O-1' belongs to another order already"):
            shop.order_service.create_orders([{"customer_id": "ann", "items": cheaper, "order_id": "O-1"}])
        assert [shop.order("ann", items, "O-1") for _ in range(2)] == ["O-1"] * 2
        assert shop.wait(shop.order("zoe", [LAPTOP], "O-2"), PATIENCE) == "CONFIRMED"
        shop.settle(PATIENCE)
        on_hand = shop.stock()["on hand"]
        assert (on_hand["MOUSE-001"], on_hand["HEADSET-001"], on_hand["LAPTOP-001"]) == (198, 99, 49)
        created = [record.message for record in read(shop.cluster, "orders.events")]
        assert sorted(e.order_id for e in created if e.type == "ORDER_CREATED") == ["O-1", "O-2"]
        assert broken(shop) == {}


def test_a_shop_knows_every_order_from_before_as_soon_as_it_takes_one(mine):
    with Shop(namespace=mine) as shop:
        shop.order("ann", BASKET, "O-1")
    shop = Shop(namespace=mine)
    project, go_on = OrderProjection.step, threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OrderProjection, "step", lambda self: go_on.wait(PATIENCE) and project(self))
        with shop, ThreadPoolExecutor() as pool:
            ordering = pool.submit(shop.order, "zoe", BASKET, "O-1")
            opening = pool.submit(shop.gateway)
            assert shop.order("zoe", BASKET).startswith("ORD-")  # without an id of its own nobody has to wait
            go_on.set()
            with pytest.raises(OtherOrderError):
                ordering.result(timeout=PATIENCE)
            opening.result(timeout=PATIENCE)


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


def test_who_shares_a_name_with_a_second_shop_still_orders_and_restocks_each_once(mine):
    with Shop(namespace=mine) as older:
        placed = [sells(older)]
        older.inventory_service.restock("r1", {"MOUSE-001": 1})
        with Shop(namespace=mine) as newer:
            for shop in (newer, older, newer, older):
                placed.append(shop.order("bob", BASKET))
                assert newer.wait(placed[-1]) == "CONFIRMED"
            for number, shop in enumerate((newer, older, newer, older), start=2):
                shop.inventory_service.restock(f"r{number}", {"MOUSE-001": 1})
            newer.settle()
            events = [record.message for record in read(newer.cluster, "orders.events")]
            assert sorted(e.order_id for e in events if e.type == "ORDER_CREATED") == sorted(placed)
            assert newer.stock().loc["MOUSE-001", "on hand"] == 200
            assert newer.invariants().loc["stock_is_conserved", "holds"]


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
