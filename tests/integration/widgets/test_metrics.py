"""The metrics panel without a browser: an order is placed, and its numbers and its picture tell of it."""

import re
from collections.abc import Iterator

import pytest

from ecomkafka.broker import Broker
from ecomkafka.shop import Shop
from ecomkafka.widgets.data.metrics_history import AGE, ENDS, LAG, TRANSACTIONS, MetricsHistory
from ecomkafka.widgets.drawing.metrics_figure import metrics_figure
from ecomkafka.widgets.panels.metrics_panel import MetricsPanel
from tests.waiting import eventually

SAID = """
ecomkafka_oldest_saga_age_seconds {age}
ecomkafka_lag_records{{group="order-service",topic="a",partition="0"}} 2
ecomkafka_lag_records{{group="order-service",topic="a",partition="1"}} 3
# TYPE ecomkafka_orders_ended counter
ecomkafka_orders_ended_total{{end="cancelled",reason="TIMEOUT"}} {ended}
ecomkafka_orders_ended_total{{end="cancelled",reason="ROLLED_BACK"}} {ended}
# TYPE ecomkafka_transaction_seconds histogram
ecomkafka_transaction_seconds_count{{service="order",outcome="committed"}} {ended}
"""


def test_rates_are_the_rise_between_two_looks_and_lines_are_summed_up() -> None:
    said = iter([SAID.format(age=1, ended=10), SAID.format(age=7, ended=14)])
    history = MetricsHistory(["here"], lambda _: next(said))
    history.look(100.0)
    assert history.samples() == []
    history.look(102.0)
    (sample,) = history.samples()
    assert sample.values == {
        (AGE, ""): 7, (LAG, "order-service"): 5, (ENDS, "cancelled"): 4, (TRANSACTIONS, "committed"): 2
    }  # fmt: skip
    view = metrics_figure([sample, sample._replace(at=112.0)])
    assert "the oldest open order was 7 seconds old" in view.alt
    assert list(view.table.index) == [-10.0, 0.0]


@pytest.fixture
def shop(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Shop(mail=False, metrics=True) as running:
        yield running


def test_the_panel_shows_the_shop_s_numbers_and_closes_with_it(shop: Shop) -> None:
    panel = MetricsPanel(shop)
    shop.wait(shop.order("ann", {"MOUSE-001": 1}))
    eventually(lambda: "order-service" in panel.numbers.value, "the numbers")
    eventually(lambda: re.search("alt=.Lines of the last", panel.picture.value), "the picture")
    panel.close()
    assert "The panel is closed" in panel.status.value


def test_a_shop_without_metrics_is_told_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop, "_exporter", None)
    with pytest.raises(ValueError, match=r"open one with Shop\(metrics=True\)"):
        MetricsPanel(shop)
