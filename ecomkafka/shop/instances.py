"""The instances of a shop's services: crash one, restart it, add another one, stop it."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from ecomkafka import faults
from ecomkafka.domain.basket import shown
from ecomkafka.engine.worker import Worker
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.notification import NotificationService
from ecomkafka.services.order import OrderService
from ecomkafka.shop.shop import Shop

MAX_INSTANCES = 4
"""The most instances of a service. With three partitions the fourth one is idle, which a lesson shows."""

WITH_EFFECT = ("order", "notification")
"""Services with an effect outside Kafka; the others have no point after it."""

_roster = threading.Lock()


def points_of(service: str) -> tuple[str, ...]:
    """The points in the loop of an instance of `service`."""
    return tuple(point for point in faults.POINTS if point != "after_effect" or service in WITH_EFFECT)


def dies_at(worker: Worker) -> str | None:
    """The point at which the worker will crash, or None."""
    fault = worker.at
    return fault.point if isinstance(fault, faults.CrashAt) and not fault.happened.is_set() else None


def processes(shop: Shop) -> Sequence[ServiceProcess]:
    """The processes of a shop whose services have one each; none if they are threads."""
    return shop._crew.processes


class Staff:
    """The instances of a shop whose services are threads. Call `close` before the shop ends."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._closed = False

    @property
    def instances(self) -> tuple[Worker, ...]:
        """By service, and those of each as they came. None if the services are processes."""
        return tuple(sorted(self._shop._crew.workers, key=lambda worker: _SERVICES.index(worker.name)))

    def crash(self, worker: Worker, point: str) -> None:
        """Let the instance crash at its next `point`. Raises ValueError if it does not run or has no such point."""
        _check_worker(worker)
        if worker.status != "running":
            raise ValueError(f"{worker.identity} is {worker.status}: only an instance that runs can crash, restart it")
        if point not in points_of(worker.name):
            allowed = ", ".join(points_of(worker.name))
            raise ValueError(f"point is {point!r:.80}: {worker.name} comes to {allowed}")
        faults.crash(worker, point)

    def restart(self, worker: Worker) -> None:
        """Start the instance again under its name; a running one is stopped cleanly first. Raises as `Worker.start`."""
        _check_worker(worker)
        worker.at = lambda point: None
        worker.stop()
        worker.start()

    def add(self, service: str) -> Worker:
        """Add an instance and return when it works. Raises ValueError at MAX_INSTANCES, else as `Worker.start`."""
        _check_service(service)
        with _roster:
            there = [worker for worker in self.instances if worker.name == service]
            if self._closed or not there:
                raise RuntimeError(f"no {service} works in this process: the shop is closed, or has processes=True")
            if len(there) >= MAX_INSTANCES:
                raise ValueError(f"{service} has {MAX_INSTANCES} instances, which is the most here: remove one first")
            new = _MAKERS[service](self._shop, str(len(there)))
            new.observer = there[0].observer
            self._shop._crew.joined = (*self._added, new)
        try:
            new.start()
        except BaseException:
            self._dismiss(new)
            raise
        return new

    def remove(self, service: str) -> Worker:
        """Stop the instance added last, after its batch. Raises ValueError if none was added."""
        _check_service(service)
        added = [worker for worker in self._added if worker.name == service]
        if not added:
            raise ValueError(f"{service} has only the instance that the shop was opened with: that one stays")
        self._dismiss(added[-1])
        return added[-1]

    def close(self) -> None:
        """Stop all added instances."""
        with _roster:
            self._closed = True
        with ExitStack() as leaving:
            for worker in self._added:
                leaving.callback(worker.stop)

    @property
    def _added(self) -> Sequence[Worker]:
        return self._shop._crew.joined

    def _dismiss(self, worker: Worker) -> None:
        """It stays on the roster until it has ended: its memory counts as long as it works."""
        worker.stop()
        with _roster:
            self._shop._crew.joined = tuple(other for other in self._added if other is not worker)


def _check_worker(worker: Any) -> None:
    if not isinstance(worker, Worker):
        raise ValueError(f"worker is {shown(worker)}: one of its instances is needed, see Staff.instances")


def _check_service(service: Any) -> None:
    if service not in _SERVICES:
        raise ValueError(f"service is {shown(service)}: {', '.join(_SERVICES)} are the services")


def _order(shop: Shop, instance: str) -> Worker:
    payment = shop.order_service.payment
    return OrderService(shop.cluster, instance, clock=shop.clock, payment=payment, catalogue=shop.catalogue)


def _notification(shop: Shop, instance: str) -> Worker:
    delays = shop.notification_service._policy.delays
    return NotificationService(
        shop.cluster, instance, clock=shop.clock, server=shop.mail_server, mailer=shop.mailer, retry_delays=delays
    )


def _analytics(shop: Shop, instance: str) -> Worker:
    lateness = shop.analytics_service._allowed_lateness
    return AnalyticsService(shop.cluster, instance, clock=shop.clock, allowed_lateness=lateness)


_MAKERS: dict[str, Callable[[Shop, str], Worker]] = {
    "order": _order,
    "inventory": lambda shop, instance: InventoryService(shop.cluster, instance, clock=shop.clock),
    "notification": _notification,
    "analytics": _analytics,
}
"""Another instance of each service, with what the shop's own was given."""

_SERVICES = tuple(_MAKERS)
