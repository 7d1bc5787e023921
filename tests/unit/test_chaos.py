"""A chaos run's verdict: it fails where it has to, and the command says so with the seed and the story."""

import msgspec
import pandas as pd
import pytest
from typer.testing import CliRunner

from ecomkafka.cli import app
from ecomkafka.lab import chaos
from ecomkafka.lab.chaos import RECOVERY_SECONDS, ChaosResult, promises_are_kept
from ecomkafka.lab.facts import Facts
from ecomkafka.lab.schedule import Step
from ecomkafka.lab.timeline import Struck, Timeline
from ecomkafka.runtime.record import Record
from tests.unit.test_order_view import CREATED


def log_of(*order_ids):
    records = [
        Record("orders.events", 0, offset, None, None, (), 0, msgspec.structs.replace(CREATED, order_id=order_id))
        for offset, order_id in enumerate(order_ids)
    ]
    return Facts({"orders.events": records}, {}, {}, (), {}, (), ())


def test_an_accepted_order_that_is_not_in_the_log_is_a_broken_promise():
    timeline = Timeline(accepted=[(1.0, "A"), (2.0, "B")])
    assert [violation.who for violation in promises_are_kept(log_of("A"), timeline)] == ["B"]
    assert promises_are_kept(log_of("A", "B", "C"), timeline) == []


def test_an_order_that_is_accepted_without_a_majority_is_a_broken_promise():
    outage = Struck(Step(10.0, "majority-kill", "node-1", 5.0), 10.0, 22.0)
    timeline = Timeline(struck=[outage], accepted=[(10.2, "A"), (13.0, "B"), (15.5, "C")])
    assert [violation.who for violation in promises_are_kept(log_of("A", "B", "C"), timeline)] == ["B"]


class Waits:
    """Time goes on only by what is waited for, and by what a strike takes."""

    def __init__(self):
        self.now = 0.0

    def wait(self, seconds):
        self.now += seconds
        return False


@pytest.mark.parametrize(("too_long", "struck"), [(0.0, 3), (3.0, 3), (chaos.OVERTIME_SECONDS, 2)])
def test_the_last_faults_of_a_plan_have_their_turn_unless_the_others_took_far_too_long(too_long, struck, monkeypatch):
    time, timeline = Waits(), Timeline()
    plan = [Step(at, "kill", "order-0", 1.0) for at in (4.0, 10.0, 16.0)]
    monkeypatch.setitem(chaos.STRIKES, "kill", lambda shop, step: time.wait(step.lasts + too_long))
    chaos._strike_each(None, plan, timeline, lambda: time.now, lambda *_: None, time)
    assert len(timeline.struck) == struck


def result(holds=True, recovered=1.0):
    return ChaosResult(
        seconds=60, seed=4711, brokers=1, orders=2,
        timeline=Timeline().frame(),
        faults=pd.DataFrame([(1.0, "kill", "order-0", 0.5, recovered, "")], columns=Timeline().faults().columns),
        invariants=pd.DataFrame(
            [("every_order_ends_once", holds, "one end", 1 - holds, "" if holds else "CHAOS-000007: 2 ends")],
            columns=["invariant", "holds", "protects", "violations", "first"],
        ).set_index("invariant"),
        png=b"", deaths=(),
        wrong=None if holds else "CHAOS-000007",
        trace=None if holds else pd.DataFrame([(1, "ORDER_CREATED")], columns=["step", "type"]),
    )  # fmt: skip


def test_it_holds_only_if_every_invariant_does_and_orders_flowed_again_in_time():
    assert result().holds
    assert not result(holds=False).holds
    assert result(recovered=RECOVERY_SECONDS).holds
    assert not result(recovered=RECOVERY_SECONDS + 0.1).holds
    assert not result(recovered=None).holds


@pytest.fixture
def command(monkeypatch, tmp_path):
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))

    def invoke(outcome, *arguments):
        monkeypatch.setattr(chaos, "run", lambda *_: outcome)
        return CliRunner().invoke(app, ["chaos", *arguments])

    return invoke


def test_a_failed_run_is_told_with_its_seed_and_the_story_of_the_order(command):
    said = command(result(holds=False))
    assert said.exit_code == 1
    for told in ("seed 4711", "the story of CHAOS-000007", "ORDER_CREATED", "2 ends"):
        assert told in said.output


def test_a_good_run_ends_with_0_and_keeps_table_and_picture(command, tmp_path):
    assert command(result()).exit_code == 0
    assert {file.suffix for file in (tmp_path / "chaos").iterdir()} == {".png", ".csv"}


def test_two_brokers_are_no_cluster(command):
    assert "1 or 3" in str(command(result(), "--brokers", "2").exception)
