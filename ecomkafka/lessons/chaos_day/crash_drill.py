"""Crashes in the middle of an order: in the batch that has an effect outside Kafka, a charge or a mail."""

from ecomkafka.engine.worker import Worker
from ecomkafka.faults import POINTS, CrashAt, crash
from ecomkafka.services.notification import NotificationService
from ecomkafka.services.order import OrderService

_EFFECT = "after_effect"
_WITH_EFFECT = (OrderService, NotificationService)


def drill(worker: Worker, point: str) -> CrashAt:
    """Like `crash`, but a point behind the effect counts only once the effect is there.

    A service without an effect, and a point before it, crash the next time. Raises ValueError for an unknown point.
    """
    fault = crash(worker, point)
    if POINTS.index(point) > POINTS.index(_EFFECT) and isinstance(worker, _WITH_EFFECT):
        worker.at = _Armed(fault)
    return fault


class _Armed:
    def __init__(self, fault: CrashAt) -> None:
        self._fault, self._done = fault, False

    def __call__(self, point: str) -> None:
        self._done = self._done or point == _EFFECT
        if self._done:
            self._fault(point)
