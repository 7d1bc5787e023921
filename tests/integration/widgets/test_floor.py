"""All panels on one page: they share one thread that reads and one that ticks, keep up with a crowd, and close."""

import threading
from collections.abc import Iterator

import nbformat
import psutil
import pytest
from ipywidgets import IntSlider
from nbclient import NotebookClient

from ecomkafka.broker import Broker
from ecomkafka.invariants.witness import Witness
from ecomkafka.shop import Shop
from ecomkafka.widgets import ShopFloor
from ecomkafka.widgets.panel_frame import controls
from tests.waiting import PATIENCE, eventually


@pytest.fixture
def shop(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Shop() as running:
        yield running


LEFT_OPEN = """
from ecomkafka.shop import Shop
from ecomkafka.widgets import ShopFloor
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster

broker = Broker().start()
floor = ShopFloor(Shop(Cluster.of(broker.bootstrap)).start(), broker)
print(broker.nodes[0].process.pid)
"""


def threads() -> list[str]:
    return sorted(t.name for t in threading.enumerate() if t.name.startswith(("panel", "witness")))


def test_all_panels_share_one_reader_and_one_ticker_and_leave_none(shop: Shop) -> None:
    before = threads()
    with ShopFloor(shop) as floor:
        assert len(floor.widget.titles) == len(floor.widget.children) == len(floor.panels)
        assert threads() == sorted(
            [*before, "panels-ticker", "witness", *(f"panel-{panel.title}" for panel in floor.panels)]
        )
        again = ShopFloor(shop)
        assert threads().count("witness") == before.count("witness") + 1
    again.close()
    shop.stop()
    assert threads() == before
    assert all(panel.status.value.count("closed") for panel in (*floor.panels, *again.panels))


def test_every_control_has_a_name_and_says_what_it_does(shop: Shop) -> None:
    """Only a slider has none, and can't have one in ipywidgets: the field beside it has, and does the same."""
    with ShopFloor(shop) as floor:
        named = [control for control in controls(floor.widget) if not isinstance(control, IntSlider)]
        assert len(named) > 40
        assert [control for control in named if not (control.description and control.tooltip)] == []
        for dial in (floor.control.outside.mail, floor.control.outside.declines, floor.control.outside.rate):
            assert dial.field in named
            dial.slider.value = 7
            assert dial.field.value == 7


def test_what_one_panel_does_is_seen_on_the_others(shop: Shop) -> None:
    floor = ShopFloor(shop)
    floor.desk.rows[0].quantity.value = 1
    floor.desk.place.click()
    eventually(lambda: "✅ CONFIRMED" in floor.desk.orders.value, "the order on the desk")
    eventually(lambda: "Order ORD-0001 confirmed" in floor.mailbox.mails.value, "the mail")
    floor.invariants.check.click()
    eventually(lambda: "All 8 hold" in floor.invariants.status.value, "the invariants")
    page = floor._repr_mimebundle_()["text/html"]
    assert "ORD-0001" in page
    assert page.count("✅ holds") == 8


def test_a_page_that_was_left_open_ends_with_its_kernel() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LEFT_OPEN)])
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", extra_arguments=["--log-level=ERROR"])
    with client.setup_kernel():
        client.execute_cell(notebook.cells[0], 0)
    pid = int(notebook.cells[0].outputs[0].text)
    eventually(lambda: not psutil.pid_exists(pid), f"the end of the broker, process {pid}")


def test_a_reader_that_does_not_end_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, done = threading.Event(), threading.Event()

    def hang(record: object) -> None:
        reading.set()
        done.wait(PATIENCE)

    witness = Witness(shop.cluster, hang).start()
    assert reading.wait(PATIENCE)
    with monkeypatch.context() as patch:
        patch.setattr("ecomkafka.clients.reader._STOP_SECONDS", 0.1)
        with pytest.raises(TimeoutError, match="the witness did not stop"):
            witness.stop()
    done.set()
    witness.stop()
