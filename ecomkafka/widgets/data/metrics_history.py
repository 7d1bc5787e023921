"""The last ten minutes of a shop's metrics: a thread asks for them as Prometheus would, and keeps what is drawn.

A rate is the rise of a counter between two looks, divided by the time between them.
"""

import threading
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

SECONDS = 600
EVERY = 2.0
"""Seconds between two looks."""
_STOP_SECONDS = 15.0

AGE, LAG, ENDS, TRANSACTIONS = "oldest open order, s", "lag, records", "orders that end/s", "transactions/s"

_GAUGES = {"ecomkafka_oldest_saga_age_seconds": (AGE, ""), "ecomkafka_lag_records": (LAG, "group")}
_COUNTERS = {
    "ecomkafka_orders_ended_total": (ENDS, "end"),
    "ecomkafka_transaction_seconds_count": (TRANSACTIONS, "outcome"),
}

Series = tuple[str, str]
"""One of AGE, LAG, ENDS and TRANSACTIONS, and which line of it: a group, an end, an outcome."""


class Sample(NamedTuple):
    at: float
    """Seconds, of no particular beginning."""
    values: dict[Series, float]


class MetricsHistory:
    """Its owner calls `start` and `stop`. Thread-safe."""

    def __init__(self, urls: Sequence[str], ask: "Callable[[str], str] | None" = None) -> None:
        self._urls, self._ask = urls, ask or _asked
        self._samples: deque[Sample] = deque(maxlen=int(SECONDS / EVERY))
        self._before: tuple[float, Counter[Series]] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics-history", daemon=True)
        self.trouble: Exception | None = None
        """Why the newest sample may be old."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Raises TimeoutError if the last look does not end."""
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            raise TimeoutError(f"the metrics' history did not stop in {_STOP_SECONDS:.0f} s")

    def samples(self) -> list[Sample]:
        return list(self._samples)

    def look(self, now: float) -> None:
        """Ask once, and keep what was said."""
        gauges, counters = Counter[Series](), Counter[Series]()
        for url in self._urls:
            _add(self._ask(url), gauges, counters)
        if self._before is not None:
            then, before = self._before
            rates = {series: max(0.0, value - before[series]) / (now - then) for series, value in counters.items()}
            self._samples.append(Sample(now, dict(gauges) | rates))
        self._before = now, counters

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            try:
                self.look(time.monotonic())
                self.trouble = None
            except Exception as error:  # noqa: BLE001 - the panel tells of it, and the next look may succeed
                self.trouble = error


def _asked(url: str) -> str:
    with urllib.request.urlopen(url, timeout=_STOP_SECONDS / 2) as answer:
        return str(answer.read().decode())


def _add(text: str, gauges: "Counter[Series]", counters: "Counter[Series]") -> None:
    """Sum up by the label that is drawn."""
    from prometheus_client.parser import text_string_to_metric_families  # only where metrics are wanted

    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for known, sums in ((_GAUGES, gauges), (_COUNTERS, counters)):
                if found := known.get(sample.name):
                    name, label = found
                    sums[name, sample.labels.get(label, "")] += sample.value  # type: ignore[assignment]
