"""What becomes of records whose request, or whose acknowledgement, gets lost: by the settings of their producer.

Each record meets the fault once, on the way through a `Proxy`, and the log is read afterwards.
"""

import uuid
from collections import Counter
from typing import Any, NamedTuple

import pandas as pd
from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.protocol.api_key import ApiKey

from ecomkafka.lab.network import Fault, Proxy, Rule
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.reader import read

_EVER = 1_000_000
_SECONDS = 10.0
_PATIENCE = 0.2


class Way(NamedTuple):
    """How records are sent: the producer's settings, and whether the caller gives up and sends again himself."""

    settings: dict[str, Any]
    insists: bool = False
    """The fault lasts until the caller has lost patience; then he sends the record once more, with a new producer."""


WAYS = {
    "asks for no answer (acks=0)": Way({"acks": 0, "enable_idempotence": False}),
    "gives up at once (retries=0)": Way({"retries": 0, "enable_idempotence": False}),
    "tries again": Way({"enable_idempotence": False}),
    "tries again, idempotent": Way({"enable_idempotence": True}),
    "idempotent, the caller sends again": Way({"enable_idempotence": True}, insists=True),
}

FAULTS = {"request lost": Fault.LOSE_REQUEST, "acknowledgement lost": Fault.LOSE_ANSWER}


def measure(cluster: Cluster, topic: str, records: int = 5) -> pd.DataFrame:
    """One row a way and a fault: records sent, errors told to the caller, missing in the log, copies too many in it."""
    rows, run = [], uuid.uuid4().hex
    with Proxy() as proxy:
        for way, fault in ((way, fault) for way in WAYS for fault in FAULTS):
            values = [f"{run}, {way}, {fault}, {number}" for number in range(records)]
            told = sum(_send(proxy, cluster, topic, value, WAYS[way], FAULTS[fault]) for value in values)
            log = Counter((record.value or b"").decode() for record in read(cluster, topic))
            missing = sum(log[value] == 0 for value in values)
            copies = sum(log[value] - 1 for value in values if log[value])
            rows.append((way, fault, records, told, missing, copies))
    return pd.DataFrame(rows, columns=["producer", "fault", "sent", "errors told", "missing", "copies"])


def _send(proxy: Proxy, cluster: Cluster, topic: str, value: str, way: Way, fault: Fault) -> int:
    """Send one record into the fault; returns how many errors the caller was told."""
    far = proxy.through(cluster)
    rule = proxy.on(ApiKey.Produce, fault, times=_EVER if way.insists else 1)
    told = _try(far, topic, value, way.settings, rule, _PATIENCE if way.insists else _SECONDS)
    proxy.heal()
    return told + (_try(far, topic, value, way.settings) if way.insists else 0)


def _try(
    cluster: Cluster,
    topic: str,
    value: str,
    settings: dict[str, Any],
    rule: Rule | None = None,
    patience: float = _SECONDS,
) -> int:
    """One try, with a producer of its own: who gave up has forgotten his last one. Returns 1 for an error, else 0."""
    producer = cluster.producer(**settings)
    try:
        future = producer.send(cluster.name(topic), key=b"order", value=value.encode(), partition=0)
        if rule is not None and not rule.happened.wait(_SECONDS):
            raise TimeoutError(f"no request of {value!r} came to the proxy in {_SECONDS:.0f} s")
        try:
            future.get(timeout=patience)
        except KafkaError:
            return 1
        return 0
    finally:
        _end(producer)


def _end(producer: KafkaProducer) -> None:
    """At once, as the death of its process would: kafka-python's `close` waits for what it still tries to send."""
    producer._sender.force_close()
    producer._sender.join(_SECONDS)
    producer.close(timeout=_SECONDS)
