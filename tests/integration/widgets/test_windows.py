"""The windows panel without a browser: orders are placed, and its tables and its picture tell of them."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from ipywidgets import HTML  # type: ignore[import-untyped]

from ecomkafka.broker import Broker
from ecomkafka.clock import ManualClock
from ecomkafka.domain.windows.closing_and_lateness import IDLE_AFTER
from ecomkafka.domain.windows.window import SIZE, start_of
from ecomkafka.engine.producer_record import Sender
from ecomkafka.messages import Line, OrderCreated
from ecomkafka.shop import Shop
from ecomkafka.widgets.panels.windows_panel import WindowsPanel
from tests.waiting import PATIENCE, eventually


@pytest.fixture(scope="module")
def shop(broker: Broker) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        with Shop(mail=False, clock=ManualClock(datetime(2026, 1, 5, 12, 1, tzinfo=UTC))) as running:
            yield running


@pytest.fixture
def panel(shop: Shop) -> Iterator[WindowsPanel]:
    panel = WindowsPanel(shop)
    yield panel
    panel.close()


def row(table: HTML, name: str) -> list[str]:
    """The cells of the row that begins so."""
    rows = [re.findall(r">([^<]*)</td>", row) for row in table.value.split("<tr>")]
    return next((cells for cells in rows if cells and cells[0].startswith(name)), [])


def window(shop: Shop, panel: WindowsPanel) -> list[str]:
    """What is told of the window of now: state, created, confirmed, cancelled, pending, revenue, conversion."""
    return row(panel.windows, f"{start_of(shop.clock.now()):%Y-%m-%d %H:%M}")[1:]


def is_level(panel: WindowsPanel, product_id: str, *levels: int) -> bool:
    return row(panel.stock, product_id)[1:] == [str(level) for level in levels]


def created_again(order_id: str, at: datetime) -> OrderCreated:
    line = Line(product_id="MOUSE-001", quantity=1, price=Decimal(1))
    return OrderCreated(
        order_id=order_id, at=at, total=Decimal(1), customer_id="ann", lines=(line,), warehouses=("A",), deadline=at
    )


def an_hour_later(shop: Shop) -> datetime:
    """All that happened before was heard of before."""
    shop.settle()
    return shop.clock.advance(hours=1)


@contextmanager
def inventory_away(shop: Shop) -> Iterator[None]:
    shop.inventory_service.stop()
    try:
        yield
    finally:
        shop.inventory_service.start()


def test_an_order_is_counted_in_its_window_and_its_goods_leave_the_shelf(shop: Shop, panel: WindowsPanel) -> None:
    eventually(lambda: is_level(panel, "LAPTOP-001", 50, 0, 50), "the opening stock")
    an_hour_later(shop)
    shop.wait(shop.order("ann", {"LAPTOP-001": 2}))
    shop.wait(shop.order("declined-ann", {"LAPTOP-001": 1}))
    told = ["open", "2", "1", "1", "0", "1,999.98", "50%"]
    eventually(lambda: window(shop, panel) == told, "the window of both")
    eventually(lambda: is_level(panel, "LAPTOP-001", 48, 0, 48), "the stock")
    eventually(lambda: "2 orders created, 1 confirmed, 1 cancelled" in panel.picture.value, "the picture's words")
    assert 'src="data:image/png;base64,iVBOR' in panel.picture.value


def test_an_order_that_waits_is_pending_in_its_window(shop: Shop, panel: WindowsPanel) -> None:
    an_hour_later(shop)
    with inventory_away(shop):
        order_id = shop.order("ann", {"MOUSE-001": 1})
        eventually(lambda: window(shop, panel)[1:5] == ["1", "0", "0", "1"], "an order that is pending")
    shop.wait(order_id)
    eventually(lambda: window(shop, panel)[1:5] == ["1", "1", "0", "0"], "it is confirmed")


def test_the_watermark_follows_the_clock_closes_windows_and_what_comes_then_is_late(
    shop: Shop, panel: WindowsPanel
) -> None:
    at = an_hour_later(shop)
    order_id = shop.order("ann", {"MOUSE-001": 1})
    shop.wait(order_id)
    shop.settle()
    eventually(lambda: row(panel.times, "Newest event")[1:2] == [f"{at:%Y-%m-%d %H:%M:%S} UTC"], "event time")
    now = shop.clock.advance(seconds=(2 * SIZE + IDLE_AFTER).total_seconds())
    name = f"{start_of(at):%Y-%m-%d %H:%M}"
    eventually(lambda: row(panel.windows, name)[1:2] == ["closed"], "the window is closed")
    eventually(lambda: row(panel.times, "Wall clock")[1] == f"{now:%Y-%m-%d %H:%M:%S} UTC", "the wall clock")
    assert "0:10:15 behind the wall clock" in row(panel.times, "Newest event")[2]
    assert row(panel.times, "Watermark")[2].endswith(", 15 s behind the wall clock")
    assert row(panel.times, "Late events")[1] == "0"
    sender = Sender(shop.cluster, "a-client")
    sender.send([created_again(order_id, at)])
    sender.close()
    late = ["Late events", "1", "orders.events 1"]
    eventually(lambda: row(panel.times, "Late events") == late, "a late event")
    assert row(panel.windows, name)[2] == "1"


def test_a_picture_is_drawn_only_if_something_changed(
    shop: Shop, panel: WindowsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.wait(shop.order("ann", {"MOUSE-001": 1}))
    shop.settle()
    eventually(lambda: panel.up_to_date and panel.picture.value, "the picture")
    drawn: list[None] = []
    monkeypatch.setattr(panel, "_draw", lambda: drawn.append(None))
    for _ in range(3):
        panel._not_before = 0.0
        panel.refresh()
    done = threading.Event()
    panel.act(done.set)  # after what was drawn, if anything was
    assert done.wait(PATIENCE)
    assert not drawn


def test_what_the_reader_cannot_read_is_told_and_the_reader_ends_with_the_panel(
    shop: Shop, panel: WindowsPanel
) -> None:
    others = set(threading.enumerate())
    other = WindowsPanel(shop)
    shop.analytics_service.stop()
    with shop.cluster.producer() as producer:
        producer.send(shop.cluster.name("analytics.windows"), b"no JSON", key=b"x").get(timeout=PATIENCE)
    eventually(lambda: "Not up to date" in panel.status.value, "the trouble")
    other.close()
    assert "closed" in other.status.value
    assert not set(threading.enumerate()) - others
