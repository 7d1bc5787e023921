"""The WINDOW REPORT, as text and as DataFrame."""

from decimal import Decimal

from msgspec.structs import replace

from ecomkafka.domain.windows.window import SIZE, Window
from ecomkafka.shop.report import SHOWN, frame, window_report
from tests.unit.domain.test_windows import NOON, cancelled, confirmed, created, failed, sent, stocked, total


def two_windows():
    first = total([created(total="1234.50"), stocked(), created(total="0.10"), confirmed(total="1234.50"), sent()])
    second = total([cancelled(NOON + SIZE, "7.00"), created(NOON + SIZE, "7.00"), failed(NOON + SIZE)])
    return [replace(first, closed=True), second]


def test_the_report_as_text():
    assert window_report(two_windows(), {"orders.events": 3}) == "\n".join(
        [
            "📊 WINDOW REPORT",
            "",
            "2026-01-05 12:00–12:05 UTC, closed",
            "  🛒 orders         created 2, confirmed 1, cancelled 0",
            "  💰 revenue        confirmed 1,234.50, pending 0.10, lost 0.00",
            "  📈 conversion     50.0%",
            "  📦 stock          on hand 10, reserved 4, available 6",
            "  📬 notifications  sent 1, failed 0, success rate 100.0%",
            "  ⚡ events         5, an hour 60.0",
            "",
            "2026-01-05 12:05–12:10 UTC, open",
            "  🛒 orders         created 1, confirmed 0, cancelled 1",
            "  💰 revenue        confirmed 0.00, pending 0.00, lost 7.00",
            "  📈 conversion     0.0%",
            "  📦 stock          on hand 10, reserved 4, available 6",
            "  📬 notifications  sent 0, failed 1, success rate 0.0%",
            "  ⚡ events         3, an hour 36.0",
            "",
            "TOTAL of 2 windows, 2026-01-05 12:00 to 2026-01-05 12:10 UTC",
            "  🛒 orders         created 3, confirmed 1, cancelled 1",
            "  💰 revenue        confirmed 1,234.50, pending 0.10, lost 7.00",
            "  📈 conversion     33.3%",
            "  📦 stock          on hand 10, reserved 4, available 6",
            "  📬 notifications  sent 1, failed 1, success rate 50.0%",
            "  ⚡ events         8, an hour 48.0",
            "  ⏰ too late       orders.events 3",
        ]
    )


def test_a_long_report_tells_the_newest_windows_and_the_total_of_all():
    report = window_report([Window.of(created(NOON + number * SIZE)) for number in range(SHOWN + 3)])
    assert "… 3 earlier windows: see the total" in report
    assert report.count("UTC, open") == SHOWN
    assert f"created {SHOWN + 3}, confirmed 0" in report


def test_a_report_of_nothing_says_so():
    assert "no window yet" in window_report([])


def test_the_frame_keeps_money_exact_and_carries_stock_forward():
    table = frame(two_windows())
    assert list(table.index) == [NOON, NOON + SIZE]
    assert list(table["closed"]) == [True, False]
    assert table["revenue"].sum() == Decimal("1234.50")
    assert isinstance(table["pending"].sum(), Decimal)
    assert list(table["available"]) == [6, 6]
    assert table["conversion"].tolist() == [0.5, 0.0]


def test_the_frame_of_nothing_has_the_same_columns():
    empty, full = frame([]), frame(two_windows())
    assert len(empty) == 0
    assert list(empty.dtypes.items()) == list(full.dtypes.items())
    assert empty["lost"].sum() == 0
