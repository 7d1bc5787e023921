"""What only Kafka knows, asked when Prometheus asks: lag, and what was set aside and waits for somebody."""

import time
from collections.abc import Collection, Iterator
from threading import Lock

from kafka.errors import KafkaError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import GROUPS, Lag, lags
from ecomkafka.clients.reader import read
from ecomkafka.engine.records_set_aside import without_marks
from ecomkafka.flow import DEAD_LETTERS, QUARANTINE
from ecomkafka.logs import log

SET_ASIDE = {"notification": DEAD_LETTERS, "order": QUARANTINE}
"""Who reports of which topic: where each service is a process, one of them has to report of what is everybody's."""

FRESH_SECONDS = 9.0
"""Who asks more often gets the same answer again: a question to Kafka costs 30 ms of CPU time."""


class KafkaState(Collector):
    """The lag of the groups of `services`. Without Kafka it says that, and no number that would be old."""

    def __init__(self, cluster: Cluster, services: Collection[str]) -> None:
        self._cluster, self._services = cluster, services
        self._lock = Lock()
        self._answer: list[Metric] = []
        self._until = 0.0

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if time.monotonic() > self._until:
                self._answer = list(self._ask())
                self._until = time.monotonic() + FRESH_SECONDS
            yield from self._answer

    def _ask(self) -> Iterator[Metric]:
        reachable = GaugeMetricFamily("ecomkafka_kafka_up", "Whether Kafka has answered just now.")
        try:
            found = [lag for lag in lags(self._cluster) if GROUPS[lag.group].service in self._services]
            aside = list(self._set_aside())
        except (KafkaError, ConnectionError, TimeoutError, LookupError) as error:
            log.warning("⚠️ metrics without Kafka", error=f"{type(error).__name__}: {error}")
            reachable.add_metric([], 0)
            yield reachable
            return
        reachable.add_metric([], 1)
        yield reachable
        yield _lag(found)
        yield from aside

    def _set_aside(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "ecomkafka_set_aside_records", "Records that were set aside and wait for somebody.", labels=["topic"]
        )
        oldest = GaugeMetricFamily(
            "ecomkafka_set_aside_oldest_age_seconds", "Age of the oldest of them; 0 without one.", labels=["topic"]
        )
        now = 1_000 * time.time()
        for service, topic in SET_ASIDE.items():
            if service in self._services:
                records, fates = without_marks(read(self._cluster, topic))
                since = [record.timestamp for record in records if str(record.position) not in fates]
                waiting.add_metric([topic], len(since))
                oldest.add_metric([topic], max(0.0, (now - min(since, default=now)) / 1_000))
        yield waiting
        yield oldest


def _lag(found: list[Lag]) -> Metric:
    family = GaugeMetricFamily(
        "ecomkafka_lag_records", "Records that a group has not handled yet.", labels=["group", "topic", "partition"]
    )
    for lag in found:
        family.add_metric([lag.group, lag.topic, str(lag.partition)], lag.lag)
    return family
