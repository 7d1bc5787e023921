"""A chaos run that fails leaves a folder from which the cause can be read; one that holds leaves none."""

from pathlib import Path

import msgspec
import pandas as pd
import pytest

from ecomkafka.chaos import chaos_run, stall
from ecomkafka.chaos.plan import Step
from ecomkafka.chaos.process_shop import ProcessShop
from tests.proof.load import SERVICES

ROOT = Path(__file__).parents[2]
PLAN = (Step(1.0, "kill", "inventory-0", 0.5), Step(2.0, "poison", "orders.events", 0.0))


@pytest.fixture
def short(monkeypatch, tmp_path):
    """Runs with one instance a service and a plan of few seconds; the home folder's part for chaos runs."""
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))
    monkeypatch.setattr(chaos_run, "SERVICES", SERVICES)
    monkeypatch.setattr(chaos_run, "make_plan", lambda *_: PLAN)
    return tmp_path / "chaos"


def standing(make):
    """Processes whose saga stands still soon."""

    def process(shop, name, home):
        made = make(shop, name, home)
        made._command = ("tests.proof.standing", *made._command[1:])
        return made

    return process


@pytest.mark.timeout(240)
def test_where_a_service_hangs_stands_in_the_folder_of_the_run(short, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(ProcessShop, "process", standing(ProcessShop.process))
    monkeypatch.setattr(stall, "RECOVERY_SECONDS", 8.0)
    monkeypatch.setattr(chaos_run, "_RECOVER_SECONDS", 20.0)
    monkeypatch.setattr(chaos_run, "SETTLE_SECONDS", 1.0)
    result = chaos_run.run(10, 4711)
    assert not result.holds
    assert result.folder.parent == short
    assert "seed-4711" in result.folder.name

    here = {str(file.relative_to(result.folder)) for file in result.folder.rglob("*") if file.is_file()}
    (moment,) = (result.folder / "threads").iterdir()
    threads = {f"threads/{moment.name}/{who}.txt" for who in (*SERVICES, "node-1", "the-run", "lags")}
    logs = {f"logs/{name}.log" for name in (*SERVICES, "node-1-kafka", "node-1-console")}
    tables = {"timeline.csv", "timeline.png", "faults.csv", "invariants.csv", "dangers.csv", "trace.csv"}
    assert here == {"summary.txt", "plan.json", *tables, *threads, *logs}
    assert all((result.folder / file).stat().st_size for file in here if not file.startswith("logs/"))

    hanging = (moment / "order-0.txt").read_text(encoding="utf-8")
    assert "thread 'order-0'" in hanging
    assert "in stands_here_for_ever" in hanging
    assert "stands_here_for_ever" not in (moment / "inventory-0.txt").read_text(encoding="utf-8")
    assert "thread 'customers'" in (moment / "the-run.txt").read_text(encoding="utf-8"), "it was taken while they order"
    assert "kafka" in (moment / "node-1.txt").read_text(encoding="utf-8")
    assert "orders.events" in (moment / "lags.txt").read_text(encoding="utf-8")
    summary = (result.folder / "summary.txt").read_text(encoding="utf-8")
    for told in (
        "--seed 4711",
        "kill inventory-0",
        "did not flow again",
        f"threads/{moment.name}",
        "cores",
        "nothing_is_left",
    ):
        assert told in summary
    plan = msgspec.json.decode((result.folder / "plan.json").read_bytes())
    assert [Step(**step) for step in plan] == list(PLAN)
    assert list(pd.read_csv(result.folder / "faults.csv")["fault"]) == ["kill", "poison"]


@pytest.mark.timeout(240)
def test_a_run_that_holds_leaves_no_folder_and_says_what_its_faults_met(short, monkeypatch):
    monkeypatch.setattr(chaos_run, "RECOVERY_SECONDS", 60.0)
    monkeypatch.setattr("ecomkafka.chaos.result.RECOVERY_SECONDS", 60.0)  # a busy machine is no failure here
    result = chaos_run.run(10, 4711)
    told = f"{result.failure}\n{result.faults}\n{result.invariants['first'].to_dict()}"
    assert result.holds, told
    assert result.folder is None
    assert list(short.iterdir()) == []
    kill = result.dangers.loc["kill"]
    assert kill["strikes"] == 1
    assert kill.filter(regex="starting|before_poll|after_|during_").sum() == 1, "one process was killed"
