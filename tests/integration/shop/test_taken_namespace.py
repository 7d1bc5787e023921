"""A shop whose namespace somebody else has taken says by whom, and raises no false alarm about what happened since."""

import subprocess
import sys

import pytest

from ecomkafka.gateways.payment import ProtectedGateway
from ecomkafka.invariants.check import TAKEN
from ecomkafka.services.order import OrderService
from ecomkafka.shop import Shop
from tests.selling import BASKET, broken, sells
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("on_the_tests_broker")

IN_BOOKS = ["money_and_goods_move_together", "every_customer_is_told_once"]
"""The invariants that ask the ledger or the mailbox."""

ANOTHER_PROGRAM = """
from ecomkafka.shop import Shop
with Shop(namespace="mine") as shop:
    shop.wait(shop.order("bob", {"MOUSE-001": 1}))
    shop.settle()
    print("sold", flush=True)
    input()
"""


def not_checked(shop):
    """The invariants of which a part was not checked, because another one has the books."""
    return [name for name, note in shop.invariants()["first"].items() if note.startswith(TAKEN)]


@pytest.mark.parametrize("processes", [False, True])
def test_a_shop_whose_namespace_a_later_one_of_this_process_has_taken_says_so_and_what_to_do(mine, processes):
    what = r"a later shop of this process .*'mine'.*: stop\(\) both and start\(\) one, or choose another namespace"
    with Shop(namespace=mine, processes=processes) as first, Shop(namespace=mine) as second:
        eventually(lambda: first.health().count("fenced") == 4, "the older one is fenced")
        with pytest.raises(RuntimeError, match=what):
            first.wait("ORD-never", timeout=600)
        assert first.health().endswith("or choose another namespace")
        second.inventory_service.stop()
        second.order("ann", BASKET)
        with pytest.raises(RuntimeError, match=what):
            first.settle(timeout=600)
        assert "a later shop" not in second.health()
        second.inventory_service.start()
        second.settle()


@pytest.mark.parametrize("processes", [False, True])
def test_what_a_later_shop_of_this_process_sells_is_not_held_against_the_first(mine, processes):
    with Shop(namespace=mine, processes=processes) as first:
        sells(first)
        assert not_checked(first) == []
        with Shop(namespace=mine) as second:
            sells(second)
            assert broken(first) == {}
            assert (not_checked(first), not_checked(second)) == (IN_BOOKS, [])
        assert not_checked(first) == IN_BOOKS
    with first:
        sells(first)
        assert not_checked(first) == []


@pytest.mark.parametrize("processes", [False, True])
def test_what_another_program_sells_is_not_held_against_a_shop_that_it_has_fenced(mine, processes):
    with Shop(namespace=mine, processes=processes) as shop:
        sells(shop)
        child = subprocess.Popen(
            [sys.executable, "-c", ANOTHER_PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert child.stdout.readline() == "sold\n"
            eventually(lambda: shop.health().count("fenced") == 4, "the older one is fenced")
            with pytest.raises(RuntimeError, match=rf"process {child.pid} on "):
                shop.wait("ORD-never", timeout=600)
            shop.read_model.sync()
            assert broken(shop) == {}
            assert not_checked(shop) == IN_BOOKS
        finally:
            child.communicate("\n", timeout=60)


def test_an_order_that_the_first_shop_ends_while_the_next_one_opens_is_not_held_against_that(mine, monkeypatch):
    with Shop(namespace=mine) as first:
        second = Shop(namespace=mine)
        listen = second.mail_server.start

        def after_a_sale():
            sells(first)
            return listen()

        monkeypatch.setattr(second.mail_server, "start", after_a_sale)
        with second:
            sells(second)


def test_a_service_that_has_been_put_in_the_place_of_a_shop_s_own_has_the_shop_s_books():
    """So a lesson does it. Its orders end, and a charge that is missing is seen."""
    with Shop() as shop, OrderService(shop.cluster, payment=ProtectedGateway(shop.ledger)):
        eventually(lambda: shop.order_service.status == "fenced", "the older one is fenced")
        order_id = sells(shop)
        shop.ledger.void(order_id)
        assert order_id in broken(shop)["money_and_goods_move_together"]
        assert not_checked(shop) == []
        assert "choose another namespace" not in shop.health()
