"""Stock: conserved, never negative, and deaf to repetition."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomkafka.domain.stock import (
    Product,
    Reservation,
    State,
    Warehouse,
    handle,
    openings,
    places,
    product_key,
    warehouse_key,
)
from ecomkafka.messages import (
    Deduct,
    InsufficientStock,
    Item,
    Release,
    Released,
    Reserve,
    Reserved,
    Restock,
    StockEvent,
)

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
PRODUCTS = ("P", "Q", "R")

items = st.lists(
    st.builds(lambda p, n: Item(product_id=p, quantity=n), st.sampled_from(PRODUCTS), st.integers(1, 9)),
    min_size=1,
    max_size=4,
).map(tuple)
order_ids = st.sampled_from(["O-1", "O-2", "O-3", "O-4"])
commands = st.one_of(
    st.builds(lambda o, i: Reserve(order_id=o, warehouse_id="W", items=i, at=AT), order_ids, items),
    st.builds(lambda o: Deduct(order_id=o, warehouse_id="W", at=AT), order_ids),
    st.builds(lambda o: Release(order_id=o, warehouse_id="W", at=AT), order_ids),
    st.builds(
        lambda r, i: Restock(restock_id=r, warehouse_id="W", items=i, at=AT), st.sampled_from(["R-1", "R-2"]), items
    ),
)


def restock(**units):
    wanted = tuple(Item(product_id=p, quantity=n) for p, n in units.items())
    return Restock(restock_id="opening", warehouse_id="W", items=wanted, at=AT)


def reserve(order_id, **units):
    wanted = tuple(Item(product_id=p, quantity=n) for p, n in units.items())
    return Reserve(order_id=order_id, warehouse_id="W", items=wanted, at=AT)


def run(*sequence):
    stock, outputs = {}, []
    for command in sequence:
        changes, answers = handle(stock, command)
        stock |= changes
        outputs.append(answers)
    return stock, outputs


@given(st.lists(commands, max_size=40))
def test_stock_is_conserved_and_never_negative_under_any_sequence_of_commands(sequence):
    stock, restocked, deducted = {}, dict.fromkeys(PRODUCTS, 0), dict.fromkeys(PRODUCTS, 0)
    for command in sequence:
        before = {p: stock.get(product_key(p), Product()) for p in PRODUCTS}
        changes, _ = handle(stock, command)
        stock |= changes
        if isinstance(command, Restock) and changes:
            for item in command.items:
                restocked[item.product_id] += item.quantity
        after = {p: stock.get(product_key(p), Product()) for p in PRODUCTS}
        if isinstance(command, Deduct):
            for p in PRODUCTS:
                deducted[p] += before[p].on_hand - after[p].on_hand
        for p in PRODUCTS:
            assert 0 <= after[p].reserved <= after[p].on_hand
            assert restocked[p] == after[p].on_hand + deducted[p]
        total = stock.get(warehouse_key("W"), Warehouse())
        assert total.on_hand == sum(level.on_hand for level in after.values())
        assert total.reserved == sum(level.reserved for level in after.values())
    held = [entry for entry in stock.values() if isinstance(entry, Reservation) and entry.state is State.HELD]
    assert sum(i.quantity for entry in held for i in entry.items) == sum(after_reserved(stock).values())


def after_reserved(stock):
    return {p: stock.get(product_key(p), Product()).reserved for p in PRODUCTS}


@given(st.lists(commands, max_size=20), commands)
def test_a_repeated_command_changes_nothing_and_gets_the_same_answer(sequence, command):
    stock, _ = run(*sequence, command)
    _, first = handle(run(*sequence)[0], command)
    changes, again = handle(stock, command)
    assert changes == {}
    replies = [output for output in first if not isinstance(output, StockEvent)]
    assert list(again) == replies


def test_a_reservation_is_all_or_nothing():
    stock, outputs = run(restock(P=5, Q=1), reserve("O-1", P=2, Q=2))
    (answer,) = outputs[1]
    assert isinstance(answer, InsufficientStock)
    assert [(s.product_id, s.requested, s.available) for s in answer.shortages] == [("Q", 2, 1)]
    assert stock[product_key("P")] == Product(on_hand=5)


def test_two_items_of_one_product_are_added_up_before_the_check():
    twice = Reserve(
        order_id="O-1",
        warehouse_id="W",
        items=(Item(product_id="P", quantity=3), Item(product_id="P", quantity=3)),
        at=AT,
    )
    _, outputs = run(restock(P=5), twice)
    assert isinstance(outputs[1][0], InsufficientStock)


def test_reserve_then_deduct_takes_the_goods_out():
    stock, outputs = run(restock(P=5), reserve("O-1", P=2), Deduct(order_id="O-1", warehouse_id="W", at=AT))
    assert isinstance(outputs[1][0], Reserved)
    assert stock[product_key("P")] == Product(on_hand=3, reserved=0)


def test_reserve_then_release_puts_everything_back():
    stock, outputs = run(restock(P=5), reserve("O-1", P=2), Release(order_id="O-1", warehouse_id="W", at=AT))
    assert isinstance(outputs[2][0], Released)
    assert stock[product_key("P")] == Product(on_hand=5, reserved=0)


def test_releasing_what_was_never_held_is_answered_and_changes_nothing():
    stock, outputs = run(Release(order_id="O-9", warehouse_id="W", at=AT))
    assert stock == {}
    assert isinstance(outputs[0][0], Released)


def test_a_product_that_nobody_restocked_is_out_of_stock():
    _, outputs = run(reserve("O-1", NOPE=1))
    assert isinstance(outputs[0][0], InsufficientStock)


def test_versions_count_the_changes_of_a_warehouse():
    _, outputs = run(restock(P=5), reserve("O-1", P=9), reserve("O-2", P=1))
    versions = [output.version for answers in outputs for output in answers if isinstance(output, StockEvent)]
    assert versions == [1, 2]


@pytest.mark.parametrize(("state", "closed"), [(s, s in ("REJECTED", "RELEASED", "DEDUCTED")) for s in State])
def test_only_what_holds_nothing_may_be_forgotten(state, closed):
    assert Reservation(state=state).closed is closed


def test_only_what_a_shop_brings_when_it_opens_is_opening_stock():
    bring = {"opening-0": "A", "opening-0123456789abcdef-0": "B", "later-0": "C", "a/opening-0": "D"}
    items = {name: (Item(product_id=product, quantity=1),) for name, product in bring.items()}
    stock, _ = run(*(Restock(restock_id=name, warehouse_id="W", items=items[name], at=AT) for name in bring))
    assert openings(stock) == {"A": 1, "B": 1}


def test_each_product_has_the_warehouse_in_which_it_was_first_restocked():
    def into(warehouse_id, restock_id, *products):
        items = tuple(Item(product_id=product, quantity=1) for product in products)
        return Restock(restock_id=restock_id, warehouse_id=warehouse_id, items=items, at=AT)

    stock, _ = run(
        into("W", "opening-0", "P"), into("W/2", "a/b", "Q"), into("W", "later", "P", "R"), into("W", "again", "R")
    )
    assert places(stock) == {"P": "W", "Q": "W/2", "R": "W"}
    later = stock["restock/W/again"]
    assert later.items == ()  # what only adds to known products is not remembered for ever
