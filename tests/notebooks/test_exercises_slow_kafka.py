"""A Kafka that is slow or silent in the middle of a check: no student is blamed for it, and nothing waits for ever."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Any

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaTimeoutError

from ecomkafka.broker import up
from ecomkafka.clients import Cluster
from ecomkafka.exercises.checking import kafka_share, listeners, stage, timed_transaction
from ecomkafka.exercises.checking.bounded import Bounded, Failed
from ecomkafka.exercises.checking.kafka_share import KafkaShare
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Outcome
from ecomkafka.exercises.lesson_09 import questions as lesson_09
from ecomkafka.logs import to_memory
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from ecomkafka.broker import Broker
    from ecomkafka.broker.node import Node

OWN = 2.0
"""Seconds that an answer has here."""


class Freeze:
    """Freezes the broker the first time that it is called, for so many seconds or until `thaw()`."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._timer: threading.Timer | None = None

    def __call__(self, seconds: float = PATIENCE) -> None:
        if self._timer is None:
            self._node.pause()
            self._timer = threading.Timer(seconds, self._node.resume)
            self._timer.start()

    def thaw(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        self._node.resume()


@pytest.fixture
def freeze(broker: "Broker", monkeypatch: pytest.MonkeyPatch) -> Iterator[Freeze]:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    (node,) = broker.nodes
    freeze = Freeze(node)
    yield freeze
    freeze.thaw()


def question() -> Question:
    return Question("09.q1", lesson_09.examine_place, lesson_09.place, "well.", seconds=OWN)


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka may take long, and all that it takes is its own time: also many short answers of a busy machine."""
    monkeypatch.setattr(stage, "SECONDS", PATIENCE)
    monkeypatch.setattr(kafka_share, "USUAL", 0.0)


@pytest.mark.usefixtures("_patient")
def test_time_that_kafka_takes_is_not_the_student_s(freeze: Freeze) -> None:
    def place(client: Any) -> None:
        freeze(OWN + 1.0)
        lesson_09.place(client)

    verdict = question().check(place)
    assert verdict.outcome is Outcome.CORRECT, verdict


def test_a_silent_kafka_is_said_to_be_silent_and_counts_as_no_attempt(
    freeze: Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(client: Any) -> None:
        freeze(4.0)  # it is back before the topics are deleted
        lesson_09.place(client)

    heard: list[tuple[str, str, str, int]] = []
    monkeypatch.setattr(listeners, "listeners", [lambda *told: heard.append(told)])
    monkeypatch.setattr(stage, "SECONDS", 0.5)
    with pytest.raises(TimeoutError, match="Kafka did not answer in time, so nothing can be said about your code"):
        question().check(place)
    assert heard == []


def test_topics_that_can_not_be_deleted_do_not_cost_the_verdict_and_go_at_the_next_start(freeze: Freeze) -> None:
    stages: list[Stage] = []

    def examine(answer: Bounded, own: Stage) -> None:
        own.create("orders.events")
        stages.append(own)
        freeze()

    with to_memory() as memory:
        verdict = Question("09.q1", examine, lesson_09.place, "well.").check(lesson_09.place)
    assert verdict.outcome is Outcome.CORRECT
    freeze.thaw()
    cluster = stages[0].cluster
    assert [line for line in memory.lines if "stay until the next start" in line and cluster.namespace in line]
    up()
    with closing(cluster.admin()) as admin:
        assert cluster.name("orders.events") not in admin.list_topics()


def test_each_step_of_a_transaction_has_a_limit(
    cluster: Cluster, freeze: Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = cluster.name("orders.events")
    offsets = {TopicPartition(topic, 0): OffsetAndMetadata(1, "", -1)}
    with ExitStack() as opened:
        group = opened.enter_context(cluster.consumer("readers")).group_metadata()
        producers = [cluster.producer(transactional_id=f"p-{number}") for number in range(3)]
        for producer in producers:
            opened.callback(producer.close, timeout=1.0)
            producer.init_transactions()
            producer.begin_transaction()
            producer.send(topic, b"{}", partition=0).get(timeout=PATIENCE)
        monkeypatch.setattr(timed_transaction, "SECONDS", 0.4)
        freeze()
        with pytest.raises(KafkaTimeoutError, match="the commit was not answered within"):
            timed_transaction.commit(producers[0])
        with pytest.raises(KafkaTimeoutError, match="the abort was not answered within"):
            timed_transaction.abort(producers[1])
        with pytest.raises(KafkaTimeoutError, match="offsets were not answered within"):
            timed_transaction.add_offsets(producers[2], offsets, group)
        freeze.thaw()


def test_what_kafka_owes_can_not_be_hidden_by_an_answer() -> None:
    share = KafkaShare(1.0)

    def hides() -> str:
        with suppress(Exception), share.asking():
            raise KafkaTimeoutError("no answer")
        return "all is well"

    with pytest.raises(TimeoutError, match="Kafka did not answer") as caught:
        Bounded(hides, 1.0, share)()
    assert isinstance(caught.value.__cause__, KafkaTimeoutError)


def test_a_loop_around_a_tool_is_a_loop() -> None:
    share = KafkaShare(5.0)

    def asks_for_ever() -> None:
        while True:
            with share.asking():
                pass

    with pytest.raises(Failed, match="is there a loop that never ends"):
        Bounded(asks_for_ever, 0.3, share)()


def test_offsets_of_a_partition_that_there_is_not_are_the_student_s_mistake(freeze: Freeze) -> None:
    def step(service: Any, records: list[Any]) -> None:
        service.begin()
        service.offsets({7: 1})
        service.commit()

    verdict = lesson_09.q3.check(step)
    assert verdict.outcome is Outcome.WRONG
    assert "your code raised ValueError: partition 7 of orders.events: 0, 1, 2 are there" in verdict.sentence
