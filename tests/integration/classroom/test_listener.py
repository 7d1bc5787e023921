"""The reporter's thread outlives what goes wrong with one result."""

from typing import TYPE_CHECKING, Any

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from ecomkafka.classroom import listener
from ecomkafka.classroom.listener import Reporter
from ecomkafka.classroom.results_reader import all_results
from ecomkafka.classroom.results_topic import Result, create_list
from ecomkafka.clients import Cluster
from ecomkafka.logs import to_memory

if TYPE_CHECKING:
    from ecomkafka.broker import Broker


def test_a_producer_that_can_not_be_closed_does_not_silence_the_next_results(
    broker: "Broker", monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Cluster.of(broker.bootstrap, "class-not-closed")
    create_list(cluster)
    encode, close = listener.encode, KafkaProducer.close

    def refuses_the_first(result: Result) -> bytes:
        if result.question == "q1":
            raise ValueError("q1 is refused")
        return encode(result)

    def closes_badly(producer: Any, **options: Any) -> None:
        close(producer, **options)
        if "null_logger" not in options:  # else it is the garbage collector that closes
            raise KafkaError("closed badly")

    monkeypatch.setattr(listener, "encode", refuses_the_first)
    monkeypatch.setattr(KafkaProducer, "close", closes_badly)
    with to_memory() as memory:
        reporter = Reporter(cluster, "anna")
        reporter("01", "q1", "correct", 0)
        reporter("01", "q2", "correct", 0)
        reporter.close()
        told = [line for line in memory.lines if "was not closed" in line]
    assert [result.question for result in all_results(cluster)] == ["q2"]
    assert len(told) == 2
    assert "KafkaError: closed badly" in told[0]
