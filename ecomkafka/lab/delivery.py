"""What becomes of records whose request, or whose acknowledgement, gets lost: by the settings of their producer.

Each record meets the fault once, on the way through a `Proxy`, and the log is read afterwards.
"""

from collections import Counter
from contextlib import closing
from typing import Any, NamedTuple

import pandas as pd
from kafka.errors import KafkaError
from kafka.protocol.api_key import ApiKey

from ecomkafka.lab.network import Fault, Proxy
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.reader import read

_EVER = 1_000_000
_SECONDS = 5.0

Settings = dict[str, Any]


class Way(NamedTuple):
    """How records are sent: the producer's settings, and whether the caller sends again what failed."""

    settings: Settings
    insists: bool = False
    """The fault lasts until the producer has given up; then the caller sends the record once more, with a new one."""


WAYS = {
    "asks for no answer (acks=0)": Way({"acks": 0, "enable_idempotence": False}),
    "gives up at once (retries=0)": Way({"retries": 0, "enable_idempotence": False}),
    "tries again": Way({"enable_idempotence": False}),
    "tries again, idempotent": Way({"enable_idempotence": True}),
    "idempotent, the caller sends again": Way(
        {"linger_ms": 0, "request_timeout_ms": 150, "delivery_timeout_ms": 200}, insists=True
    ),
}

FAULTS = {"request lost": Fault.LOSE_REQUEST, "acknowledgement lost": Fault.LOSE_ANSWER}


def measure(cluster: Cluster, topic: str, records: int = 5) -> pd.DataFrame:
    """One row a way and a fault: records sent, errors told to the caller, missing in the log, copies too many in it."""
    rows = []
    with Proxy() as proxy:
        for way, fault in ((way, fault) for way in WAYS for fault in FAULTS):
            values = [f"{way}, {fault}, {number}" for number in range(records)]
            told = sum(_send(proxy, cluster, topic, value, WAYS[way], FAULTS[fault]) for value in values)
            log = Counter((record.value or b"").decode() for record in read(cluster, topic))
            missing = sum(log[value] == 0 for value in values)
            copies = sum(log[value] - 1 for value in values if log[value])
            rows.append((way, fault, records, told, missing, copies))
    return pd.DataFrame(rows, columns=["producer", "fault", "sent", "errors told", "missing", "copies"])


def _send(proxy: Proxy, cluster: Cluster, topic: str, value: str, way: Way, fault: Fault) -> int:
    """Send one record into the fault; returns how many errors the caller was told."""
    rule = proxy.on(ApiKey.Produce, fault, times=_EVER if way.insists else 1)
    told = _try(proxy.through(cluster), topic, value, way.settings)
    if not rule.happened.wait(_SECONDS):
        raise TimeoutError(f"no request of {value!r} came to the proxy in {_SECONDS:.0f} s")
    proxy.heal()
    return told + (_try(proxy.through(cluster), topic, value, way.settings) if way.insists else 0)


def _try(cluster: Cluster, topic: str, value: str, settings: Settings) -> int:
    """One try, with a producer of its own: a program that gave up has forgotten its last one."""
    with closing(cluster.producer(**settings)) as producer:
        try:
            producer.send(cluster.name(topic), key=b"order", value=value.encode(), partition=0).get(timeout=_SECONDS)
        except KafkaError:
            return 1
    return 0
