"""The saga explorer without a browser, and without Kafka: it goes, comes back, branches, searches and shares."""

import pytest
from ipywidgets import Button

from ecomkafka.lessons.sagas.as_rules import Known, leaky
from ecomkafka.model_checking import Bounds
from ecomkafka.model_checking.trace import Trace
from ecomkafka.widgets import SagaExplorer
from ecomkafka.widgets.panel_frame import controls


def press(explorer: SagaExplorer, name: str) -> None:
    buttons = {button.description: button for button in explorer.possible.children}
    buttons[name].click()


def offered(explorer: SagaExplorer) -> list[str]:
    return [button.description for button in explorer.possible.children]


@pytest.fixture
def explorer() -> SagaExplorer:
    return SagaExplorer(bounds=Bounds(warehouses=1))


def test_a_press_lets_a_message_come_and_shows_what_became_of_it(explorer: SagaExplorer) -> None:
    assert {"deliver ORDER_CREATED", "deliver RESERVE WH-BERLIN", "duplicate RESERVE WH-BERLIN"} <= set(
        offered(explorer)
    )
    for name in ("deliver RESERVE WH-BERLIN", "deliver ORDER_CREATED", "deliver RESERVED WH-BERLIN", "deliver Charge"):
        press(explorer, name)
    assert "APPROVED" in explorer.situation.value
    assert "HELD" in explorer.situation.value
    press(explorer, "deliver PaymentAnswered approved")
    assert "CONFIRMED" in explorer.situation.value
    assert explorer.way.value.count("<li>") == 5


def test_undo_and_another_move_leave_a_branch_that_can_be_gone_again(explorer: SagaExplorer) -> None:
    press(explorer, "deliver ORDER_CREATED")
    press(explorer, "deliver DeadlinePassed")
    assert "CANCELLED TIMEOUT" in explorer.situation.value
    explorer.undo.click()
    press(explorer, "deliver RESERVE WH-BERLIN")
    (_, branch) = explorer.branch.options
    assert branch[0] == "2 moves: deliver DeadlinePassed"
    explorer.branch.value = branch[1]
    assert "CANCELLED TIMEOUT" in explorer.situation.value
    assert [name for name, _ in explorer.branch.options] == ["the way above", "2 moves: deliver RESERVE WH-BERLIN"]


def test_it_shows_the_shortest_bad_trace_and_what_is_broken() -> None:
    explorer = SagaExplorer(leaky, Known(), Bounds())
    explorer.worst.click()
    assert "broken: nobody holds stock at the end" in explorer.status.value
    assert explorer.beginning.label == "the card is good, too little in WH-BERLIN"
    assert len(explorer.walk.moves) == 7


def test_of_a_saga_that_holds_it_says_how_much_was_searched() -> None:
    explorer = SagaExplorer(bounds=Bounds(warehouses=1, rollback=False, crashes=0))
    explorer.worst.click()
    assert "all holds in" in explorer.status.value
    assert explorer.walk.moves == ()


def test_a_way_is_shared_as_json(explorer: SagaExplorer) -> None:
    press(explorer, "deliver ORDER_CREATED")
    kept = explorer.shared.value
    assert Trace.from_json(kept) == explorer.walk.trace
    other = SagaExplorer(bounds=Bounds(warehouses=1))
    other.shared.value = kept
    other.show.click()
    assert other.walk.moves == explorer.walk.moves
    other.shared.value = "nonsense"
    other.show.click()
    assert "this is no trace" in other.status.value
    assert other.walk.moves == explorer.walk.moves


def test_another_beginning_starts_anew(explorer: SagaExplorer) -> None:
    press(explorer, "deliver RESERVE WH-BERLIN")
    explorer.beginning.value = explorer.beginning.options[1][1]
    assert explorer.walk.moves == ()
    press(explorer, "deliver RESERVE WH-BERLIN")
    assert "REJECTED" in explorer.situation.value


def test_every_control_has_a_name_and_says_what_it_does(explorer: SagaExplorer) -> None:
    for control in controls(explorer.widget):
        assert control.description
        assert control.tooltip
        assert not isinstance(control, Button) or not control.icon


def test_without_a_kernel_it_shows_what_it_showed(explorer: SagaExplorer) -> None:
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "<Saga explorer>"
    assert "[deliver ORDER_CREATED]" in bundle["text/html"]
    assert "nothing yet" in bundle["text/html"]
