"""The invariants board without a browser: green by itself, red with the ids that offend."""

from collections.abc import Iterator

import pytest

from ecomkafka.invariants.facts import Facts
from ecomkafka.invariants.witness import Witness
from ecomkafka.shop import Shop
from ecomkafka.widgets import InvariantsBoard
from tests.waiting import eventually


@pytest.fixture
def board(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[InvariantsBoard]:
    monkeypatch.setattr("ecomkafka.widgets.panels.invariants_board.EVERY_SECONDS", 0.5)
    monkeypatch.setattr("ecomkafka.widgets.panels.invariants_board._PATIENCE", 1)
    board = InvariantsBoard(shop)
    yield board
    board.close()


def test_a_quiet_shop_is_checked_by_itself_and_again_after_an_order(shop: Shop, board: InvariantsBoard) -> None:
    eventually(lambda: "All 8 hold" in board.status.value, "a first check")
    assert board.board.value.count("✅ holds") == 8
    board.show_status("")
    shop.wait(shop.order("customer-1", {"MOUSE-001": 1}))
    eventually(lambda: "All 8 hold" in board.status.value, "a second check")


def test_what_is_broken_is_red_and_names_who_breaks_it(shop: Shop, board: InvariantsBoard) -> None:
    order_id = shop.order("customer-1", {"MOUSE-001": 1})
    assert shop.wait(order_id) == "CONFIRMED"
    shop.ledger.void(order_id)
    board.check.click()
    eventually(lambda: "1 of 8 are broken" in board.status.value, "a broken invariant")
    assert board.board.value.count("❌ broken") == 1
    assert f"{order_id}: confirmed" in board.board.value


def test_an_order_that_comes_in_while_it_is_checked_breaks_nothing(
    shop: Shop, board: InvariantsBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    eventually(lambda: "8" in board.status.value, "a first check")
    before, facts = board.board.value, shop.facts

    def facts_of_a_shop_at_work(witness: Witness | None = None) -> Facts:
        found = facts(witness)
        shop.order("customer-1", {"MOUSE-001": 1})
        return found

    with monkeypatch.context() as patch:
        patch.setattr(shop, "facts", facts_of_a_shop_at_work)
        board.check.click()
        eventually(lambda: "at work meanwhile" in board.status.value, "that the result is none")
        assert board.board.value == before
    eventually(lambda: "8" in board.status.value, "a second check")


def test_a_crashed_service_is_told_and_does_not_stop_the_check(
    shop: Shop, board: InvariantsBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecomkafka.widgets.panels.invariants_board._SETTLE_SECONDS", 0.2)
    shop.inventory_service.stop()
    shop.order("customer-1", {"MOUSE-001": 1})
    board.check.click()
    eventually(lambda: "not at rest" in board.status.value, "that somebody is behind")
    assert "inventory" in board.status.value


def test_it_asks_the_witness_that_it_is_given(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, facts = [], shop.facts

    def noted(witness: Witness | None = None) -> Facts:
        asked.append(witness)
        return facts(witness)

    monkeypatch.setattr(shop, "facts", noted)
    with Witness(shop.cluster) as witness:
        board = InvariantsBoard(shop, witness)
        eventually(lambda: "8" in board.status.value, "a first check")
        board.close()
    assert set(asked) == {witness}
