"""Goods come in once for each id, and all of them or none."""

import pytest

from ecomkafka.services.inventory import InventoryService
from ecomkafka.shop import Shop
from tests.selling import broken
from tests.waiting import PATIENCE

pytestmark = pytest.mark.usefixtures("on_the_tests_broker")

MONDAY = {"MOUSE-001": 50, "HEADSET-001": 1}
OTHERS = [
    MONDAY | {"MOUSE-001": 7},
    MONDAY | {"LAPTOP-001": 3},
    {"MOUSE-001": 50},
    {"LAPTOP-001": 3},
]
"""Other counts, a warehouse more, one less, another one."""


class Unreachable:
    def send(self, messages):
        raise ConnectionError("no Kafka answers")


def on_hand(shop):
    shop.settle(PATIENCE)
    assert broken(shop) == {}
    return shop.stock()["on hand"].to_dict()


def refuses(client, other):
    with pytest.raises(ValueError, match=r"^restock_id 'monday' belongs to another restock already: repeat that one"):
        client.restock("monday", other)


def test_an_id_brings_one_restock_and_another_under_it_is_refused_before_anything_is_sent(mine):
    with Shop(namespace=mine) as shop:
        before = on_hand(shop)
        assert shop.inventory_service.restock("monday", MONDAY) == 2
        after = on_hand(shop)
        assert after == before | {"MOUSE-001": before["MOUSE-001"] + 50, "HEADSET-001": before["HEADSET-001"] + 1}
        for other in OTHERS:
            refuses(shop.inventory_service, other)
        assert shop.inventory_service.restock("monday", dict(reversed(MONDAY.items()))) == 2
        assert on_hand(shop) == after


@pytest.mark.parametrize("processes", [False, True])
def test_a_client_that_comes_later_knows_the_restocks_from_before(mine, processes):
    with Shop(namespace=mine) as shop:
        shop.inventory_service.restock("monday", MONDAY)
        after = on_hand(shop)
    with Shop(namespace=mine, processes=processes) as shop:
        other_client = InventoryService(shop.cluster, "another-client")
        for client in (shop.inventory_service, other_client):
            for other in OTHERS:
                refuses(client, other)
            assert client.restock("monday", MONDAY) == 2
        other_client.stop()
        assert on_hand(shop) == after


def test_a_restock_that_was_not_sent_leaves_its_id_free(mine):
    with Shop(namespace=mine) as shop:
        inventory = shop.inventory_service
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(inventory, "_sender", Unreachable())
            with pytest.raises(ConnectionError):
                inventory.restock("monday", {"MOUSE-001": 1})
        assert inventory.restock("monday", {"MOUSE-001": 2}) == 1


@pytest.mark.parametrize("restock_id", ["opening", "opening-0123456789abcdef"])
def test_the_ids_under_which_a_shop_opens_are_its_own(mine, restock_id):
    with Shop(namespace=mine) as shop:
        before = on_hand(shop)
        with pytest.raises(ValueError, match=f"restock_id is '{restock_id}': .*choose another id"):
            shop.inventory_service.restock(restock_id, {"MOUSE-001": 50})
        shop.inventory_service.restock("a/opening", {"MOUSE-001": 1})
        assert on_hand(shop) == before | {"MOUSE-001": before["MOUSE-001"] + 1}
    with Shop(namespace=mine) as shop:
        assert [line for line in shop.log.lines if "opening stock" in line] == []
