"""The benchmarks in small, and the page, which shows what was measured."""

import json

import pytest

from benchmarks import plots, table, transactions
from benchmarks.targets import targets


def test_large_transactions_move_more_records(broker):
    small, large = transactions.run(broker, batches=(1, 500), seconds=0.5)["points"]
    assert large["records_per_s"] > 5 * small["records_per_s"]


def test_the_page_shows_the_recorded_run():
    page, found = table.PAGE.read_text(encoding="utf-8"), json.loads(table.FIGURES.read_text(encoding="utf-8"))
    assert table.filled(page, found) == page


def test_a_quick_run_is_never_recorded():
    with pytest.raises(ValueError, match="without --quick"):
        table.filled("", {"quick": True})


def test_a_target_is_met_on_its_own_side():
    text = targets({"saga": {"ours": {"to_naive": 34.9, "p99_to_p50": 1.7}}, "start": {"with_broker_s": 3.1}})
    assert "| ≥ 35 × | 34.90 × | no |" in text
    assert "| ≤ 1.7 × | 1.70 × | yes |" in text
    assert "| ≤ 0.7 s | 3.10 s | no |" in text
    assert "| ≤ 1.8 s | – | – |" in text


def test_each_benchmark_has_a_picture_and_a_part_of_the_page():
    from benchmarks.__main__ import NAMES

    page = table.PAGE.read_text(encoding="utf-8")
    assert set(NAMES) == set(plots.PLOTS) == set(table.PARTS) - {"machine"}
    assert [name for name in NAMES if f"<!-- {name} -->" not in page] == []
