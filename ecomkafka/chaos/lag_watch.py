"""The lag of every service, measured once a second during a chaos run."""

from collections.abc import Callable

from kafka.errors import KafkaError

from ecomkafka.chaos.periodic import PeriodicTask
from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import lags


class LagWatch(PeriodicTask):
    """Calls `report` with the total lag of all groups, while the broker answers; use it in a `with` block."""

    def __init__(self, cluster: Cluster, report: Callable[[int], None]) -> None:
        super().__init__("lags", self._ask)
        self._cluster, self._report = cluster, report

    def _ask(self) -> None:
        try:
            total = sum(lag.lag for lag in lags(self._cluster))
        except (KafkaError, ConnectionError, TimeoutError):  # the broker is away: a gap
            return
        self._report(total)
