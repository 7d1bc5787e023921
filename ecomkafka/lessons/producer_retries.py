"""Lost requests and lost acknowledgements: what becomes of the records, by the producer's settings.

Each record meets the fault once, on the way through a `Proxy`, and the log is read afterwards.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pandas as pd
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.protocol.api_key import ApiKey

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.faults.network_proxy import Fault, Proxy
from ecomkafka.waiting import until

_EVER = 1_000_000
_SECONDS = 10.0


class Way(NamedTuple):
    """How records are sent: the producer's settings, and whether the caller sends again after an error."""

    settings: dict[str, Any]
    insists: bool = False
    """The fault lasts until the producer gives up; then the caller sends the record once more, with a new producer."""


_HASTY = {"request_timeout_ms": 200, "delivery_timeout_ms": 250}
"""The producer gives up soon."""

WAYS = {
    "acks=0: asks for no answer": Way({"acks": 0, "enable_idempotence": False}),
    "retries=0: gives up at once": Way({"retries": 0, "enable_idempotence": False}),
    "acks=1: tries again": Way({"acks": 1, "enable_idempotence": False}),
    "defaults: tries again, idempotent": Way({"acks": "all", "enable_idempotence": True}),
    "defaults, and the caller sends again": Way(_HASTY | {"acks": "all", "enable_idempotence": True}, insists=True),
}

FAULTS = {"request lost": Fault.LOSE_REQUEST, "acknowledgement lost": Fault.LOSE_ANSWER}


def measure(cluster: Cluster, topic: str, records: int = 5) -> pd.DataFrame:
    """One row per way and fault: records sent, errors raised, missing in the log, copies too many in it."""
    rows, run = [], uuid.uuid4().hex
    place = TopicPartition(cluster.name(topic), 0)
    with cluster.consumer() as watch:
        for way, fault in ((way, fault) for way in WAYS for fault in FAULTS):
            values = [f"{run}, {way}, {fault}, {number}" for number in range(records)]
            raised = sum(_send(cluster, place, value, WAYS[way], FAULTS[fault], watch) for value in values)
            log = Counter((record.value or b"").decode() for record in read(cluster, topic))
            missing = sum(log[value] == 0 for value in values)
            copies = sum(log[value] - 1 for value in values if log[value])
            rows.append((way, fault, records, raised, missing, copies))
    return pd.DataFrame(rows, columns=["producer", "fault", "sent", "errors raised", "missing", "copies"])


def _send(cluster: Cluster, place: TopicPartition, value: str, way: Way, fault: Fault, watch: KafkaConsumer) -> int:
    """Send one record into the fault; returns how many errors were raised to the caller."""
    end = watch.end_offsets([place])[place]
    with Proxy() as proxy, _producer(proxy.through(cluster), way) as producer:
        rule = proxy.on(ApiKey.Produce, fault, times=_EVER if way.insists else 1)
        future = _future(producer, place, value)
        until(rule.happened.is_set, _SECONDS, f"a request with {value!r}")
        if fault is Fault.LOSE_ANSWER:
            until(lambda: watch.end_offsets([place])[place] > end, _SECONDS, f"the broker has written {value!r}")
        raised = _error(future)
    if way.insists:
        with _producer(cluster, way) as producer:
            raised += _error(_future(producer, place, value))
    return raised


def _future(producer: KafkaProducer, place: TopicPartition, value: str) -> Any:
    return producer.send(place.topic, key=b"order", value=value.encode(), partition=place.partition)


def _error(future: Any) -> int:
    """Whether the caller gets an error."""
    try:
        future.get(timeout=_SECONDS)
    except KafkaError:
        return 1
    return 0


@contextmanager
def _producer(cluster: Cluster, way: Way) -> Iterator[KafkaProducer]:
    producer = cluster.producer(**way.settings)
    try:
        yield producer
    finally:
        producer.close(timeout=_SECONDS)
