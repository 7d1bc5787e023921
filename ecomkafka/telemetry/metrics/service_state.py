"""What a service knows at this moment, asked when Prometheus asks: sagas, breaker, watermark."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ecomkafka.domain.saga import Saga
from ecomkafka.domain.windows.closing_and_lateness import Progress
from ecomkafka.engine.worker import Worker
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.order import OrderService

SAGA_STATES = ("reserving", "charging", "compensating")
"""Those of an order that has not ended yet, or still has something to undo."""
CIRCUITS = ("closed", "half-open", "open")


class ServiceState(Collector):
    """`workers` are asked anew each time: a shop may have more or fewer instances by then."""

    def __init__(self, workers: Callable[[], Sequence[Worker]]) -> None:
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        workers = self._workers()
        up = GaugeMetricFamily(
            "ecomkafka_service_up", "Whether the instance handles records.", labels=["service", "worker"]
        )
        for worker in workers:
            up.add_metric([worker.name, worker.identity], worker.status == "running")
        yield up
        yield _skipped(workers)
        if orders := [worker for worker in workers if isinstance(worker, OrderService)]:
            yield from _sagas(orders)
            yield _circuit(orders[0])
        if analytics := [worker for worker in workers if isinstance(worker, AnalyticsService)]:
            yield from _windows(analytics)


def _skipped(workers: Iterable[Worker]) -> Metric:
    family = CounterMetricFamily(
        "ecomkafka_records_skipped", "Records that only a newer version knows, passed over.", labels=["service"]
    )
    counts: dict[str, int] = {}
    for worker in workers:
        counts[worker.name] = counts.get(worker.name, 0) + worker.skipped.total()
    for service, count in counts.items():
        family.add_metric([service], count)
    return family


def _sagas(services: Iterable[OrderService]) -> Iterator[Metric]:
    counts = dict.fromkeys(SAGA_STATES, 0)
    oldest = 0.0
    for service in services:
        now = service.clock.now()
        for value in service.memory.values():
            if isinstance(value, Saga) and not value.closed:
                counts[_state(value)] += 1
                oldest = max(oldest, _age(service, value, now))
    states = GaugeMetricFamily("ecomkafka_sagas", "Sagas that are open, by state.", labels=["state"])
    for state, count in counts.items():
        states.add_metric([state], count)
    yield states
    yield GaugeMetricFamily(
        "ecomkafka_oldest_saga_age_seconds", "Age of the oldest open saga; 0 without one.", value=oldest
    )


def _state(saga: Saga) -> str:
    if saga.order is not None and saga.order.status.value == "CANCELLED":
        return "compensating"
    return "charging" if saga.charging else "reserving"


def _age(service: OrderService, saga: Saga, now: datetime) -> float:
    """By the wall clock: the deadline is so long after the order was taken in."""
    return 0.0 if saga.deadline is None else max(0.0, (now - saga.deadline + service.deadline).total_seconds())


def _circuit(service: OrderService) -> Metric:
    state = getattr(service.payment, "state", None)
    family = GaugeMetricFamily(
        "ecomkafka_payment_circuit", "1 for the state in which the payment's circuit is.", labels=["state"]
    )
    for name in CIRCUITS:
        family.add_metric([name], state == name)
    return family


def _windows(services: Iterable[AnalyticsService]) -> Iterator[Metric]:
    late: dict[str, int] = {}
    delay = GaugeMetricFamily(
        "ecomkafka_watermark_delay_seconds", "How far the watermark is behind the clock.", labels=["partition"]
    )
    for service in services:
        now = service.clock.now()
        for key, value in service.memory.items():
            if isinstance(value, Progress):
                behind = (now - service.watermark(value, now)).total_seconds()
                delay.add_metric([key.rpartition("/")[2]], max(0.0, behind))
                for topic, count in value.late.items():
                    late[topic] = late.get(topic, 0) + count
    yield delay
    family = CounterMetricFamily("ecomkafka_late_events", "Events that came after their window.", labels=["topic"])
    for topic, count in late.items():
        family.add_metric([topic], count)
    yield family
