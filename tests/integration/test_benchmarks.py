"""The benchmarks in small: the shop is much faster than what a beginner writes; the page shows what was measured."""

import json

import pytest

from benchmarks import plots, saga, table, transactions
from benchmarks.targets import targets

TO_NAIVE, TO_CEILING = 5.0, 0.5
"""Of what an order costs in CPU time, which tells the same on a busy machine: see docs/performance.md."""


def test_orders_flow_much_faster_than_in_what_a_beginner_writes(broker):
    found = saga.run(broker, orders=2_000, naive_orders=60, single=10, seconds=0.5)
    assert list(found) == ["naive", "ours", "ceiling"]
    naive, ours, ceiling = (figures["cpu_us"] for figures in found.values())
    assert naive / ours >= TO_NAIVE
    assert ceiling / ours >= TO_CEILING
    for contestant in found.values():
        assert contestant["orders_per_s"] > 0
        assert 0 < contestant["p50_ms"] <= contestant["p99_ms"]


def test_large_transactions_move_more_records(broker):
    small, large = transactions.points(broker.bootstrap, batches=(1, 500), backoffs=(5,), seconds=0.5)
    assert large.records_per_s > 5 * small.records_per_s


def test_the_page_shows_the_recorded_run():
    page, found = table.PAGE.read_text(encoding="utf-8"), json.loads(table.FIGURES.read_text(encoding="utf-8"))
    assert table.filled(page, found) == page


def test_a_quick_run_is_never_recorded():
    with pytest.raises(ValueError, match="without --quick"):
        table.filled("", {"quick": True})


def test_a_target_is_met_on_its_own_side():
    text = targets({"saga": {"ours": {"to_naive": 49.9, "p99_to_p50": 3.0}}, "start": {"with_broker_s": 3.1}})
    assert "| ≥ 50 × | 49.90 × | no |" in text
    assert "| ≤ 3 × | 3.00 × | yes |" in text
    assert "| ≤ 3 s | 3.10 s | no |" in text
    assert "| ≤ 7 s | – | – |" in text


def test_each_benchmark_has_a_picture_and_a_part_of_the_page():
    from benchmarks.__main__ import NAMES

    page = table.PAGE.read_text(encoding="utf-8")
    assert set(NAMES) == set(plots.PLOTS) == set(table.PARTS) - {"machine"}
    assert [name for name in NAMES if f"<!-- {name} -->" not in page] == []
