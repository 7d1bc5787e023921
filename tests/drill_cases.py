"""How a student would do each drill: what shows the cause, and the cure by an operator's own calls."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from kafka import OffsetAndMetadata, TopicPartition

from ecomkafka.clients.reader import read
from ecomkafka.exercises.drills import CAUSES, CURES, Drill
from ecomkafka.exercises.drills.drill import sequence
from tests.waiting import PATIENCE, eventually


class Way(NamedTuple):
    shows: Callable[[Drill], Any]
    """Truthy as soon as the evidence can be seen."""
    cure: Callable[[Drill], Any]


def drill_of(name: str) -> Drill:
    """A drill of this case, as some seed has it."""
    return next(
        Drill(seed, number) for seed in range(100) for number, case in enumerate(sequence(seed), 1) if case.name == name
    )


def answers(drill: Drill) -> tuple[int, int]:
    """The right ones."""
    return CAUSES.number(drill._case.cause), CURES.number(drill._case.cures[0])


def has(frame: Any, **cells: Any) -> bool:
    """Whether a row has these cells."""
    return any(all(row[name] == value for name, value in cells.items()) for row in frame.to_dict("records"))


def keyless(drill: Drill) -> bool:
    eventually(lambda: has(drill.orders(), order_id="APP-0004", status="CANCELLED"), "the app's order is cancelled")
    bad, good = drill.shop.trace("APP-0004"), drill.shop.trace("ORD-0004")
    return has(bad, type="RESERVE", key="") and not has(good, key="")


def late_clock(drill: Drill) -> bool:
    events = drill.records("orders.events")
    late = {row["key"] for row in events.query("type == 'ORDER_CREATED'").to_dict("records") if apart(row) > 30}
    return late == {"APP-0004", "APP-0005", "APP-0006"} and has(drill.orders(), order_id="APP-0004", reason="TIMEOUT")


def apart(row: dict[str, Any]) -> float:
    """Seconds from the message's own time to the broker's, also over midnight; the broker's is cut to milliseconds."""
    written, at = (datetime.strptime(row[name], "%H:%M:%S.%f") for name in ("written", "at"))
    return ((written - at).total_seconds() + 1) % 86_400 - 1


def repeated(drill: Drill) -> str:
    """The position that the log names again and again."""
    lines = [line for line in drill.logs(100).splitlines() if "not printed" in line]
    places = [line.split("position=")[1].split()[0] for line in lines]
    return places[0] if len(places) > 1 and len(set(places)) == 1 else ""


def behind(drill: Drill) -> bool:
    position = eventually(lambda: repeated(drill), "the same line again")
    lag = drill.groups().query("group == 'labels' and lag > 0")
    return list(lag["partition"]) == [position.rpartition(":")[0]]


def skip(drill: Drill) -> None:
    topic, partition, offset = repeated(drill).split(":")
    drill.labels.stop()
    with drill.cluster.consumer("labels") as consumer:
        place = TopicPartition(drill.cluster.name(topic), int(partition))
        consumer.commit({place: OffsetAndMetadata(int(offset) + 1, "", -1)})
    drill.labels.start()


def write_again(drill: Drill) -> None:
    key, topic = b"product/MOUSE-001", drill.cluster.name("inventory.stock")
    value = [record for record in read(drill.cluster, "inventory.stock") if record.key == key and record.value][-1]
    with drill.cluster.producer() as producer:
        producer.send(topic, key=key, value=value.value, partition=value.partition).get(timeout=PATIENCE)
    drill.restart("inventory")


def empty(drill: Drill) -> bool:
    newest = drill.records("inventory.stock").query("key == 'product/MOUSE-001'").iloc[-1]
    return newest["value"] == "(none)" and not drill.invariants().loc["state_equals_the_log", "holds"]


def end_it(drill: Drill) -> None:
    with drill.cluster.producer("stocktaking") as producer:
        producer.init_transactions()


def taken_and_failed(drill: Drill) -> bool:
    letters = drill.shop.dead_letters().to_dict("records")
    mailed = set(drill.shop.mailbox()["notification_id"])
    return len(letters) == 2 and all(
        "timed out" in letter["reason"] and letter["notification_id"] in mailed for letter in letters
    )


def restart_mail(drill: Drill) -> None:
    drill.restart_mail()
    assert drill.run("dlq replay") == "2 dead letters replayed"


WAYS = {
    "keys": Way(keyless, lambda drill: drill.app.deploy(keyed=True)),
    "clock": Way(late_clock, lambda drill: drill.app.set_clock()),
    "still": Way(
        lambda drill: (
            has(drill.processes(), name="inventory-0", state="stopped")
            and has(drill.metrics(), metric="ecomkafka_ (no answer)", value="timed out")
        ),
        lambda drill: drill.resume("inventory"),
    ),
    "absent": Way(
        lambda drill: (
            has(drill.groups(), group="notification-service", state="Empty", members=0)
            and has(drill.processes(), name="notification-0", state="ended")
        ),
        lambda drill: drill.restart("notification"),
    ),
    "head": Way(behind, skip),
    "value": Way(empty, write_again),
    "open": Way(
        lambda drill: has(drill.transactions(), **{"transactional id": "stocktaking", "state": "Ongoing"}), end_it
    ),
    "late": Way(taken_and_failed, restart_mail),
    "leader": Way(
        lambda drill: (
            has(drill.leaders(), partition="inventory.responses:0", leader="none")
            and has(drill.processes(), name="broker 2", state="ended")
        ),
        lambda drill: drill.start_broker(2),
    ),
    "disk": Way(
        lambda drill: (
            "java.io.IOException" in drill.broker_log(200) and has(drill.processes(), name="broker 1", state="ended")
        ),
        lambda drill: drill.start_broker(1),
    ),
}


def go_through(name: str) -> Drill:
    """The whole drill: the evidence, wrong answers, the right ones, the cure; returns it closed."""
    with drill_of(name) as drill:
        eventually(lambda: WAYS[name].shows(drill), "the evidence")
        cause, cure = answers(drill)
        for wrong in (
            drill.answer(cause % len(CAUSES) + 1, cure),
            drill.answer(cause, CURES.number("more-partitions")),
        ):
            assert wrong.outcome == "wrong", wrong
            assert wrong.hint
            assert CAUSES[cause].text not in wrong.hint
        assert drill.answer(cause, cure).outcome == "correct"
        WAYS[name].cure(drill)
        verdict = eventually(lambda: (said := drill.check()).outcome == "correct" and said, "the shop is well")
        assert "well after" in verdict.observed
    return drill
