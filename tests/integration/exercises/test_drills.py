"""Each drill shows its evidence, refuses wrong answers, is cured by an operator's calls, and leaves nothing behind."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import psutil
import pytest

from ecomkafka.exercises.checking import listeners
from ecomkafka.exercises.drills import recovery
from ecomkafka.exercises.drills.drill import Drill, close_current
from tests.drill_cases import WAYS, answers, drill_of, go_through

OWN_BROKER = ("leader", "disk")
"""In tests/proof."""

TELLING = ("tombstone", "poison", "freez", "frozen", "fault", "keyless", "hang", "strike", "cause", "silent", "clock")


@pytest.fixture(autouse=True)
def kafka(broker, monkeypatch):
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    yield
    close_current()


@pytest.mark.parametrize("name", [name for name in WAYS if name not in OWN_BROKER])
def test_a_drill_can_be_solved_with_a_student_s_tools(name, monkeypatch):
    heard = []
    monkeypatch.setattr(listeners, "listeners", [lambda *told: heard.append(told)])
    drill = go_through(name)
    assert drill.looks >= 1
    assert heard[-1] == ("drills", f"d{drill.number}", "correct", 0)


def test_a_cure_that_was_not_applied_is_said_with_the_symptom_that_remains(monkeypatch):
    monkeypatch.setattr(recovery, "PATIENCE", 5.0)
    with drill_of("keys") as drill:
        assert drill.answer(*answers(drill)).outcome == "correct"
        verdict = drill.check()
        assert verdict.outcome == "wrong"
        assert "by the app) is CANCELLED: `trace APP-" in verdict.observed
        drill.app.deploy(keyed=True)
        drill.app.set_clock(timedelta(minutes=-2))
        long_ago = drill.app.order("ann", {"LAPTOP-001": 1})
        drill.app.set_clock()
        assert (drill.shop.wait(long_ago), drill.shop.settle()) == ("CANCELLED", None)
        assert not drill.shop.invariants().loc["every_order_ends_once", "holds"]
        assert drill.invariants().loc["every_order_ends_once", "holds"]
        assert drill.check().outcome == "correct"
        assert "ORDER_CONFIRMED" in drill.run("trace APP-0001")
        spans = drill.spans("APP-0001")
        assert {"client", "inventory", "order", "notification"} <= set(spans["service"])
        assert (spans["start"] <= spans["end"]).all()
        (ended,) = drill.metrics("orders_ended").query("of == 'end=confirmed, reason='")["value"]
        assert ended == (drill.orders()["status"] == "CONFIRMED").sum()
        with pytest.raises(ValueError, match="command is 'down': create-order, dlq, groups"):
            drill.run("down")
        with pytest.raises(ValueError, match="processes of their own have none"):
            drill.resume("inventory")
        with pytest.raises(ValueError, match="broker is 1: none: this shop is on the machine's shared broker"):
            drill.start_broker(1)


def told(drill, topics):
    """What a curious student sees besides the looks: names of threads, processes and topics."""
    children = psutil.Process().children(recursive=True)
    parts = [repr(drill), str(drill.processes()), drill.logs(), *topics]
    parts += [thread.name for thread in threading.enumerate()]
    return " ".join([*parts, *(" ".join(child.cmdline()) for child in children)]).lower()


def test_a_drill_that_is_left_ill_undoes_all_and_the_next_one_closes_it():
    before = {thread.ident for thread in threading.enumerate()}
    left, next_one = drill_of("open"), drill_of("still")
    left.open()
    cluster = left.cluster
    next_one.open()
    assert (repr(left)[-7:], Drill._opened) == ("closed>", next_one)
    with closing(cluster.admin()) as admin:
        topics = admin.list_topics()
        begun = admin.list_transactions(state_filters=["Ongoing"])
    assert not [topic for topic in topics if topic.startswith(cluster.name(""))]
    assert not [one for found in begun.values() for one in found if cluster.name("") in one.transactional_id]
    assert [word for word in TELLING if word in told(next_one, topics)] == []
    children = psutil.Process().children(recursive=True)
    (still,) = [child for child in children if child.status() == psutil.STATUS_STOPPED]
    close_current()  # as at the end of a kernel
    assert not still.is_running()
    assert Drill._opened is None
    assert [t.name for t in threading.enumerate() if t.ident not in before and not t.name.startswith("kafka")] == []


def test_a_drill_that_can_not_open_leaves_no_shop_behind(monkeypatch):
    def fail(scene):
        closed.append(scene)
        raise OSError("no room")

    closed = []
    drill = drill_of("keys")
    monkeypatch.setattr(drill, "_case", replace(drill._case, strike=fail))
    with pytest.raises(OSError, match="no room"):
        drill.open()
    with pytest.raises(RuntimeError, match="the shop is not open"):
        closed[0].shop.order("ann", {"MOUSE-001": 1})
    assert (repr(drill)[-7:], Drill._opened) == ("closed>", None)
