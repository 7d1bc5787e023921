"""The retailer's week by event time: what pandas makes of the file on its own, and the figures of lesson 12."""

import lzma
import runpy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import add
from pathlib import Path

import pandas as pd
import pytest

from ecomkafka.domain.windows.window import Window
from ecomkafka.messages import OrderCreated
from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK, warehouse_of
from ecomkafka.views.lessons.event_time import dashboards_plot, heat_map, late_plot, watermark_plot

TOOL = Path(__file__).parents[3] / "tools" / "cut_retail_week.py"
LONDON = "Europe/London"


@pytest.fixture(scope="module")
def orders():
    return load(WEEK).orders


@pytest.fixture(scope="module")
def reference():
    """One row an invoice, by pandas alone: when (UTC) and how much."""
    rows = pd.read_csv(WEEK, dtype=str, keep_default_na=False)
    rows["money"] = rows["quantity"].astype(int) * rows["unit_price"].map(Decimal)
    rows = rows[~rows["invoice"].str.startswith(("A", "C")) & (rows["money"] > 0)]
    invoices = rows.groupby("invoice").agg(at=("invoice_date", "first"), money=("money", "sum"))
    invoices["at"] = pd.to_datetime(invoices["at"]).dt.tz_localize(LONDON).dt.tz_convert(UTC)
    return invoices


def created(order):
    return OrderCreated(
        order_id=order.order_id,
        customer_id=order.customer_id,
        at=order.at,
        total=order.total,
        lines=order.lines,
        warehouses=tuple(sorted({warehouse_of(line.product_id) for line in order.lines})),
        deadline=order.at,
    )


def test_the_weeks_windows_agree_with_pandas_to_the_penny(orders, reference):
    windows = {}
    for order in orders:
        window = Window.of(created(order))
        windows.setdefault(window.start, []).append(window)
    sums = {start: reduce(add, parts) for start, parts in windows.items()}
    groups = reference.groupby(reference["at"].dt.floor("5min"))
    assert {start: window.created for start, window in sums.items()} == groups.size().to_dict()
    assert {start: window.revenue_created for start, window in sums.items()} == groups["money"].sum().to_dict()
    assert sums[datetime(2011, 8, 8, 8, 20, tzinfo=UTC)].created == 1


def test_the_heat_map_counts_each_order_at_its_hour_in_london(orders, reference):
    view = heat_map([order.at for order in orders], LONDON)
    local = reference["at"].dt.tz_convert(LONDON)
    expected = local.groupby([local.dt.day_name(), local.dt.hour]).size()
    filled = view.table.stack()
    assert filled[filled > 0].to_dict() == expected.to_dict()
    assert not view.table.loc["Saturday"].any()
    assert list(view.table.columns) == list(range(24))
    assert view.alt == "275 orders by weekday and hour; the first of the fullest hours is Thursday 14."
    assert view.figure.axes[0].get_xlabel() == f"hour of the day ({LONDON})"


def test_dashboards_are_shown_one_below_the_other():
    windows = pd.date_range("2011-08-09 12:00", periods=2, freq="30min", tz="UTC").tz_convert(LONDON)
    table = pd.DataFrame({"never down": [3, 1], "down": [0, 4]}, index=windows)
    view = dashboards_plot(table)
    upper, lower = view.figure.axes
    assert (upper.get_title(), lower.get_title()) == ("never down", "down")
    assert [bar.get_height() for bar in lower.containers[0]] == [0, 4]
    assert [label.get_text() for label in lower.get_xticklabels()] == ["13:00", "13:30"]
    assert "never down: at most 3 in one window; down: at most 4 in one window" in view.alt
    assert view.alt.endswith("They show different days.")


def test_a_watermark_is_drawn_with_the_marks_of_its_inputs():
    noon = pd.Timestamp("2026-01-05 12:00", tz="UTC")
    rows = pd.DataFrame({"a": [noon, noon + timedelta(seconds=9)], "b": [noon, noon], "watermark": [noon, noon]})
    view = watermark_plot(rows)
    labels = [text.get_text() for text in view.figure.axes[0].get_legend().get_texts()]
    assert labels == ["watermark", "mark: a", "mark: b"]
    assert view.table is rows


def test_late_events_are_marked_apart():
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    at = [noon, noon + timedelta(minutes=20), noon + timedelta(minutes=1)]
    closed = [datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), noon + timedelta(minutes=15)]
    view = late_plot(pd.DataFrame({"at": at, "closed until": closed, "late": [False, False, True]}))
    counted, late = view.figure.axes[0].collections
    assert (len(counted.get_offsets()), len(late.get_offsets())) == (2, 1)
    assert view.alt == "Event time of 3 events by arrival; 1 lie below what is closed."


@pytest.fixture(scope="module")
def cut():
    return runpy.run_path(str(TOOL))["cut"]


def test_the_week_cut_out_of_the_week_is_the_week(cut):
    assert cut(WEEK) == lzma.decompress(WEEK.read_bytes()).decode()


def test_the_cut_takes_whole_days_of_london_and_changes_no_line(cut, tmp_path):
    lines = [
        "invoice,invoice_date\n",
        '1,"2011-08-07T23:59"\n',
        '2,"2011-08-08T00:00"\n',
        "3,2011-08-14T23:59\n",
        "4,2011-08-15T00:00\n",
    ]
    with lzma.open(tmp_path / "a.csv.xz", "wt", newline="") as file:
        file.writelines(lines)
    assert cut(tmp_path / "a.csv.xz") == "".join([lines[0], lines[2], lines[3]])


@pytest.mark.parametrize(
    ("text", "message"),
    [("invoice\n1\n", "has no column 'invoice_date'"), ("invoice_date\n2010-12-01\n", "has no line from 2011-08-08")],
)
def test_a_file_that_has_no_such_week_is_named(cut, tmp_path, text, message):
    with lzma.open(tmp_path / "a.csv.xz", "wt") as file:
        file.write(text)
    with pytest.raises(ValueError, match=rf"a\.csv\.xz {message}"):
        cut(tmp_path / "a.csv.xz")
