"""The checker finds what a small change in the saga's source does: each of these is one."""

import pytest

from ecomkafka.domain.saga import Saga
from ecomkafka.model_checking import SAGA_PROPERTIES, Bounds, check
from tests.unit.model_checking.mutants import mutant

ONE, TWO = Bounds(warehouses=1), Bounds(warehouses=2, duplicates=0)

MUTANTS = {
    "only the last warehouse is remembered": (
        "reserved=saga.reserved | {warehouse}",
        "reserved=frozenset({warehouse})",
        TWO,
        "every_order_ends",
    ),
    "an answer before its order is dropped": (
        "return replace(saga, reserved=saga.reserved | {warehouse})",
        "return replace(saga, reserved=saga.reserved | {warehouse}) if saga.order else saga",
        ONE,
        "every_order_ends",
    ),
    "a late answer is not released": (
        "releasing=saga.reserved), outputs",
        "releasing=frozenset(order.warehouses)), outputs",
        ONE,
        "nobody_holds_stock_at_the_end",
    ),
    "the charge of an aborted attempt is not voided": (
        "asked = saga.charging or saga.reserved >= set(order.warehouses)",
        "asked = saga.charging",
        ONE,
        "money_and_goods_go_together",
    ),
    "the saga closes before the money is back": (
        " and not saga.voiding:",
        ":",
        ONE,
        "nothing_is_owed_by_what_is_forgotten",
    ),
    "confirmed without asking for money": (
        "_confirm(saga, order) if saga.paid else _charge(saga, order)",
        "_confirm(saga, order)",
        ONE,
        "a_confirmed_order_is_paid_and_held",
    ),
    "asks for the money again and again": (
        "    if saga.charging:\n        return saga, ()\n",
        "",
        ONE,
        "money_is_wanted_once",
    ),
    "one warehouse sends its goods": (
        "for warehouse in order.warehouses]\n    # Held",
        "for warehouse in order.warehouses[:1]]\n    # Held",
        TWO,
        "nobody_holds_stock_at_the_end",
    ),
    "a decline is taken for silence": ("paid=approved)", "paid=approved or None)", ONE, "every_order_ends"),
    "RELEASE to those that hold nothing": (
        "held = sorted(saga.reserved - saga.releasing)",
        "held = sorted(set(order.warehouses) - saga.releasing)",
        ONE,
        "only_what_was_done_is_undone",
    ),
    "the saga closes before all have released": (
        " and saga.reserved <= saga.released",
        "",
        ONE,
        "nothing_is_owed_by_what_is_forgotten",
    ),
    "the customer's wish is taken for the inventory's": (
        "return replace(saga, withdrawn=True)",
        "return replace(saga, rolled_back=True)",
        ONE,
        "the_end_fits_what_was_heard",
    ),
    "the customer hears the opposite": (
        "Kind.ORDER_CANCELLED, reason)",
        "Kind.ORDER_CONFIRMED, reason)",
        ONE,
        "the_customer_is_told_the_end",
    ),
}


@pytest.mark.parametrize(("old", "new", "bounds", "broken"), MUTANTS.values(), ids=MUTANTS)
def test_a_change_that_matters_is_found(old: str, new: str, bounds: Bounds, broken: str) -> None:
    found = check(mutant(old, new), Saga(), bounds, SAGA_PROPERTIES).counterexample
    assert found
    assert found.broken == broken


def test_the_harness_alone_changes_nothing() -> None:
    assert check(mutant("saga.closed:", "saga.closed is True:"), Saga(), ONE, SAGA_PROPERTIES).holds
