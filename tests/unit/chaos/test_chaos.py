"""A chaos run's verdict: it fails where it has to, and the command says so with the seed and the story."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pandas as pd
import psutil
import pytest
from kafka.errors import KafkaError
from typer.testing import CliRunner

from ecomkafka.chaos import chaos_run
from ecomkafka.chaos.injection import INJECTIONS
from ecomkafka.chaos.lag_watch import LagWatch
from ecomkafka.chaos.plan import Step, make_plan
from ecomkafka.chaos.result import RECOVERY_SECONDS, ChaosResult, judge, promises_are_kept, shortest, unknown
from ecomkafka.chaos.saga_states import Met, met_table
from ecomkafka.chaos.timeline import InjectedFault, Seen, Timeline
from ecomkafka.cli import app
from ecomkafka.clients.record import Record
from ecomkafka.invariants.facts import Facts, Violation
from ecomkafka.machine.errors import BrokerError
from tests.proof import test_chaos_run, test_strikes, test_three_brokers
from tests.unit.domain.test_order_view import CREATED
from tests.waiting import PATIENCE


def log_of(*order_ids):
    records = [
        Record(
            "orders.events",
            0,
            offset,
            None,
            None,
            (("correlation", order_id.encode()),),
            0,
            msgspec.structs.replace(CREATED, order_id=order_id),
        )
        for offset, order_id in enumerate(order_ids)
    ]
    return Facts({"orders.events": records}, {}, {}, (), {}, (), ())


def test_an_accepted_order_that_is_not_in_the_log_is_a_broken_promise():
    timeline = Timeline(accepted=[(1.0, "A"), (2.0, "B")])
    assert [violation.who for violation in promises_are_kept(log_of("A"), timeline)] == ["B"]
    assert promises_are_kept(log_of("A", "B", "C"), timeline) == []


def test_an_order_that_is_accepted_without_a_majority_is_a_broken_promise():
    outage = InjectedFault(Step(10.0, "majority-kill", "node-1", 5.0), 10.0, 22.0)
    timeline = Timeline(injected=[outage], accepted=[(10.2, "A"), (13.0, "B"), (15.5, "C")])
    assert [violation.who for violation in promises_are_kept(log_of("A", "B", "C"), timeline)] == ["B"]


def test_a_gateway_may_say_without_a_majority_that_an_order_was_placed_before():
    outage = InjectedFault(Step(10.0, "majority-kill", "node-1", 5.0), 10.0, 22.0)
    timeline = Timeline(injected=[outage], accepted=[(13.0, "A"), (13.0, "B")])
    timeline.seen = [Seen(9.0, 0, "A", "created"), Seen(12.0, 0, "B", "created")]
    assert [violation.who for violation in promises_are_kept(log_of("A", "B"), timeline)] == ["B"]


UNHARMED = SimpleNamespace(points=[])
"""A shop of whose processes none is killed."""


class Waits:
    """Time goes on only by what is waited for, and by what a strike takes."""

    def __init__(self):
        self.now = 0.0

    def wait(self, seconds):
        self.now += seconds
        return False


@pytest.mark.parametrize(("too_long", "injected"), [(0.0, 3), (3.0, 3), (chaos_run.OVERTIME_SECONDS, 2)])
def test_the_last_faults_of_a_plan_have_their_turn_unless_the_others_took_far_too_long(too_long, injected, monkeypatch):
    time, timeline = Waits(), Timeline()
    plan = [Step(at, "kill", "order-0", 1.0) for at in (4.0, 10.0, 16.0)]
    monkeypatch.setitem(chaos_run.INJECTIONS, "kill", lambda shop, step: time.wait(step.lasts + too_long))
    chaos_run._inject_each(UNHARMED, plan, timeline, lambda: time.now, lambda *_: None, time)
    assert len(timeline.injected) == injected


class Unlucky:
    """A shop that starts; all that is done with it then goes wrong."""

    def __init__(self, error):
        self.error, self.deaths, self.client_cluster, self.cluster = error, ["order-0: out of memory"], None, None

    def logs(self):
        return {"order-0.log": Path(__file__), "node-1-console.log": Path("not there")}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        raise self.error


@pytest.mark.parametrize(
    "error", [KafkaError("no answer"), sqlite3.OperationalError("locked"), TimeoutError("behind"), KeyError("x")]
)
def test_whatever_ends_a_run_its_seed_and_what_was_seen_are_kept(monkeypatch, tmp_path, error):
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))
    seen = InjectedFault(Step(1.0, "kill", "order-0", 0.5), 1.0, 1.5)
    monkeypatch.setattr(chaos_run, "ProcessShop", lambda *_: Unlucky(error))
    monkeypatch.setattr(chaos_run, "_facts", lambda _, __, timeline, *___: timeline.injected.append(seen))
    monkeypatch.setattr(chaos_run, "judge", lambda *_: unknown())
    ended = chaos_run.run(10, 4711)
    assert (ended.seed, ended.injected, ended.holds) == (4711, 1, False)
    assert ended.failure == f"{type(error).__name__}: {error}"
    assert ended.deaths == ("order-0: out of memory",)
    assert set(ended.invariants["first"]) == {"not checked: the run failed"}
    assert ended.png.startswith(b"\x89PNG")
    assert ended.folder.parent == tmp_path / "chaos"
    summary = (ended.folder / "summary.txt").read_text(encoding="utf-8")
    for told in ("--seed 4711", f"did not come to its end: {ended.failure}", "order-0: out of memory", "Traceback"):
        assert told in summary
    assert [log.name for log in (ended.folder / "logs").iterdir()] == ["order-0.log"]


@pytest.mark.parametrize(
    "error",
    [BrokerError("dead"), RuntimeError("ended"), sqlite3.OperationalError("locked"), KafkaError(), psutil.Error()],
)
def test_a_strike_that_can_t_be_done_is_noted_and_the_others_go_on(monkeypatch, error):
    def fail(shop, step):
        raise error

    timeline = Timeline()
    monkeypatch.setitem(chaos_run.INJECTIONS, "kill", fail)
    monkeypatch.setitem(chaos_run.INJECTIONS, "restart", lambda shop, step: None)
    plan = [Step(0.0, "kill", "order-0", 0.0), Step(0.0, "restart", "order-0", 0.0)]
    chaos_run._inject_all(UNHARMED, plan, timeline, lambda: 0.0, lambda *_: None)
    failed, done = timeline.injected
    assert failed.note.startswith(f"did not succeed: {type(error).__name__}")
    assert done.note == ""


def test_a_track_that_fails_ends_the_other_one_at_once(monkeypatch):
    def fail(shop, step):
        raise KeyError(step.target)

    timeline = Timeline()
    monkeypatch.setitem(chaos_run.INJECTIONS, "poison", fail)
    plan = [Step(0.0, "poison", "orders.events", 0.0), Step(3_600.0, "kill", "order-0", 0.0)]
    with pytest.raises(KeyError, match=r"orders\.events"):
        chaos_run._inject_all(UNHARMED, plan, timeline, lambda: 0.0, lambda *_: None)
    assert timeline.injected == []


def test_who_stops_asking_for_the_lag_says_why():
    watch = LagWatch(None, lambda lag: None)  # no cluster at all: no answer of a broker, a mistake of ours
    with pytest.raises(AttributeError), watch:
        watch.join(PATIENCE)


def test_the_story_is_of_any_order_that_has_to_do_with_what_is_wrong():
    facts = log_of("CHAOS-000001", "ORD-abc", "CHAOS-000001", "ORD-def")
    assert shortest(facts, []) is None
    assert shortest(facts, [Violation("ORD-abc-ORDER_CONFIRMED", "never requested")]) == "ORD-abc"
    assert (
        shortest(facts, [Violation("MOUSE-001", "came in 1, sold 2; last changed at orders.events:0:3")]) == "ORD-def"
    )
    both = [Violation("CHAOS-000001", "2 ends"), Violation("2026-11-24", "in no window: orders.events:0:1")]
    assert shortest(facts, both) == "ORD-abc"
    assert shortest(facts, [Violation("CHAOS-000009", "lost"), *both]) == "ORD-abc"
    assert shortest(facts, [Violation("CHAOS-000009", "lost")]) == "CHAOS-000009"


def test_if_orders_did_not_flow_the_story_is_of_the_one_that_waited_longest():
    timeline = Timeline(injected=[InjectedFault(Step(1.0, "kill", "order-0", 0.0), 1.0, 1.0)])
    timeline.seen = [Seen(2.0, 0, "CHAOS-000001", "created"), Seen(9.0, 0, "CHAOS-000001", "confirmed")]
    timeline.seen.append(Seen(3.0, 0, "CHAOS-000002", "created"))
    assert judge(log_of("CHAOS-000001", "CHAOS-000002"), timeline).wrong is not None
    assert timeline.longest == "CHAOS-000002"


def result(holds=True, recovered=1.0, note="", failure=None):
    return ChaosResult(
        seconds=60, seed=4711, brokers=1, orders=2,
        timeline=Timeline().frame(),
        faults=pd.DataFrame([(1.0, "kill", "order-0", 0.5, recovered, note)], columns=Timeline().faults().columns),
        invariants=pd.DataFrame(
            [("every_order_ends_once", holds, "one end", 1 - holds, "" if holds else "CHAOS-000007: 2 ends")],
            columns=["invariant", "holds", "protects", "violations", "first"],
        ).set_index("invariant"),
        png=b"", deaths=(),
        wrong=None if holds else "CHAOS-000007",
        trace=None if holds else pd.DataFrame([(1, "ORDER_CREATED")], columns=["step", "type"]),
        failure=failure,
        dangers=met_table([Met("kill", {"charging": 2}, ["after_produce"])]), gateway=False, tls=False,
    )  # fmt: skip


def test_it_holds_only_if_every_invariant_does_and_orders_flowed_again_in_time():
    assert result().holds
    assert not result(holds=False).holds
    assert result(recovered=RECOVERY_SECONDS).holds
    assert not result(recovered=RECOVERY_SECONDS + 0.1).holds
    assert not result(recovered=None).holds
    assert not result(failure="KafkaError: no answer").holds


def test_a_run_in_which_no_strike_succeeded_proves_nothing():
    assert result().injected == 1
    assert not result(note="did not succeed: BrokerError").holds


@pytest.fixture
def command(monkeypatch, tmp_path):
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))

    def invoke(outcome, *arguments):
        monkeypatch.setattr(chaos_run, "run", lambda *_, **__: outcome)
        return CliRunner().invoke(app, ["chaos", *arguments])

    return invoke


def test_where_a_failed_run_has_left_its_traces_is_said_last(command, tmp_path):
    failed = replace(result(holds=False), folder=tmp_path / "seed-4711")
    assert str(failed.folder) in command(failed).stdout.splitlines()[-1]
    told = msgspec.json.decode(command(failed, "--json").stdout)
    assert list(told.items())[-1] == ("folder", str(failed.folder))
    assert msgspec.json.decode(command(result(), "--json").stdout)["folder"] is None


def test_what_the_faults_met_is_told_and_what_no_fault_met(command):
    lines = command(result()).stdout.splitlines()
    assert ["kill", "1", "0", "2", "0", "0", "0", "1", "after_produce"] in [line.split() for line in lines]
    (missed,) = [line for line in lines if line.startswith("met by no fault:")]
    assert "reserving" in missed
    assert "charging" not in missed
    (row,) = msgspec.json.decode(command(result(), "--json").stdout)["dangers"]
    assert (row["fault"], row["strikes"], row["charging"], row["after_produce"]) == ("kill", 1, 2, 1)


def test_a_failed_run_is_told_with_its_seed_and_the_story_of_the_order(command):
    said = command(result(holds=False))
    assert said.exit_code == 1
    for told in ("seed 4711", "the story of CHAOS-000007", "ORDER_CREATED", "2 ends"):
        assert told in said.output


def test_a_run_that_broke_off_is_told_with_its_seed_and_keeps_table_and_picture(command, tmp_path):
    said = command(replace(result(failure="KafkaError: no answer"), invariants=unknown().invariants))
    assert said.exit_code == 1
    assert "seed 4711" in said.output
    assert "KafkaError: no answer" in said.stderr
    assert {file.suffix for file in (tmp_path / "chaos").iterdir()} == {".png", ".csv"}


def test_for_programs_a_run_is_one_object(command):
    said = command(result(holds=False), "--json")
    told = msgspec.json.decode(said.stdout)
    assert said.exit_code == 1
    assert (told["holds"], told["seed"], told["wrong"], told["failure"]) == (False, 4711, "CHAOS-000007", None)
    assert told["invariants"][0] | {"protects": ""} == {
        "invariant": "every_order_ends_once", "holds": False, "protects": "", "violations": 1,
        "first": "CHAOS-000007: 2 ends",
    }  # fmt: skip
    assert [fault["fault"] for fault in told["faults"]] == ["kill"]
    assert told["trace"] == [{"step": 1, "type": "ORDER_CREATED"}]
    broken_off = replace(result(failure="gone"), invariants=unknown().invariants)
    assert {row["holds"] for row in msgspec.json.decode(command(broken_off, "--json").stdout)["invariants"]} == {None}


def test_a_good_run_ends_with_0_and_keeps_table_and_picture(command, tmp_path):
    assert command(result()).exit_code == 0
    assert {file.suffix for file in (tmp_path / "chaos").iterdir()} == {".png", ".csv"}


def test_a_run_at_the_gateway_says_so_and_keeps_a_picture_of_its_own(command, tmp_path):
    told = msgspec.json.decode(command(replace(result(), gateway=True), "--gateway", "--json").stdout)
    assert told["gateway"]
    assert Path(told["picture"]).name == "seed-4711-brokers-1-gateway.png"


def test_so_does_an_encrypted_run(command):
    told = msgspec.json.decode(command(replace(result(), tls=True), "--tls", "--json").stdout)
    assert told["tls"]
    assert Path(told["picture"]).name == "seed-4711-brokers-1-tls.png"


def test_two_brokers_are_no_cluster(command):
    assert "1 or 3" in str(command(result(), "--brokers", "2").exception)


def test_every_strike_is_done_by_a_proof():
    in_a_minute = {step.fault for step in make_plan(test_chaos_run.SECONDS, test_chaos_run.SEED, gateway=True)}
    alone = {row[0] for row in test_strikes.TABLE}
    assert in_a_minute | alone | set(test_three_brokers.KILLS) == INJECTIONS.keys()
