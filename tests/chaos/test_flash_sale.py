"""The sale of lesson 14: what each half of the right wiring sells alone, and who has which partition meanwhile."""

import pytest

from ecomkafka.lessons.scale_out.assignment_history import AssignmentWatch
from ecomkafka.lessons.scale_out.flash_sale import CONSOLES, OPENING, FlashSale
from ecomkafka.lessons.scale_out.wrong_keys import OwnStock, keyed_by_order
from ecomkafka.services.inventory import InventoryService


@pytest.fixture(autouse=True)
def sales_are_on_the_tests_broker(broker, monkeypatch):
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)


def own_stock(cluster, name):
    return OwnStock(cluster, name, CONSOLES)


@pytest.mark.parametrize(("make", "sold"), [(own_stock, 2 * OPENING), (InventoryService, OPENING)])
def test_with_the_right_key_the_stock_is_sold_again_only_if_it_does_not_go_with_the_partition(make, sold):
    with FlashSale(make, instances=2) as sale:
        sale.order(OPENING + 20)
        busy = [instance for instance in sale.instances if instance.handled]
        assert len(busy) == 1, "one product, one warehouse, one partition"
        busy[0].stop()
        sale.order(OPENING + 20)
        assert sale.sold == sold


def test_with_the_wrong_key_and_a_changelog_customers_are_refused_what_is_there():
    with keyed_by_order(), FlashSale(InventoryService, instances=1) as sale:
        sale.order(OPENING)
        assert 0 < sale.sold < OPENING


def test_a_watch_sees_each_assignment_and_says_who_has_which_partition():
    with FlashSale(InventoryService, instances=2) as sale, AssignmentWatch(sale.cluster, "inventory") as watch:
        both = {"inventory-0": (0, 1), "inventory-1": (2,)}
        assert watch.wait(both) == both
        watch.mark("1 leaves")
        sale.instances[1].stop()
        alone = watch.wait(["inventory-0"])
        assert watch.history == [both, alone] == [both, {"inventory-0": (0, 1, 2)}]
        assert [what for _, what in watch.marks] == ["1 leaves"]
        watch.rest(seconds=0.3)
        assert watch.samples[-1][1] == alone


def test_a_watch_that_could_not_ask_says_so():
    with FlashSale(InventoryService, instances=1) as sale:
        watch = AssignmentWatch(sale.cluster, "nobody").start()
        with pytest.raises(KeyError, match="nobody"):
            watch.wait(["nobody-0"])
        with pytest.raises(KeyError, match="nobody"):
            watch.stop()
