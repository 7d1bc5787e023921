"""One service in the foreground: built from the settings, run until a signal."""

import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeAlias

from ecomkafka.clients import Cluster
from ecomkafka.engine.garbage_collector import fewer_collections
from ecomkafka.engine.worker import Worker
from ecomkafka.operations.processes import check_instance, registered
from ecomkafka.settings import Settings

if TYPE_CHECKING:
    from ecomkafka.services.read_model import ReadModel

READ_MODEL = "read-model"

Service: TypeAlias = "Worker | ReadModel"

Maker = Callable[[ExitStack, Cluster, str, Settings], Service]
"""Makes a service of these settings; what it needs besides is opened on the stack, to be closed after it.

Each imports its own service: a process needs no other, and SQLAlchemy or a mail server take long.
"""


def _order(gateways: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
    from ecomkafka.gateways.payment import LedgerGateway, PaymentUnavailable, ProtectedGateway
    from ecomkafka.services.order import OrderService

    try:
        ledger = gateways.enter_context(LedgerGateway(settings.payments))
    except (sqlite3.Error, PaymentUnavailable) as error:
        what = f"the payment ledger {settings.payments} can't be used ({error})"
        raise RuntimeError(f"{what}: point ECOMKAFKA_PAYMENTS at another file") from error
    return OrderService(cluster, instance, payment=ProtectedGateway(ledger))


def _notification(gateways: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
    from ecomkafka.gateways.mail import Mailer
    from ecomkafka.gateways.mail_server import MailServer
    from ecomkafka.services.notification import NotificationService

    if settings.smtp:
        return NotificationService(cluster, instance, mailer=Mailer.of(settings.smtp))
    server = gateways.enter_context(MailServer(directory=settings.mailbox))
    return NotificationService(cluster, instance, server=server)


def _inventory(_: ExitStack, cluster: Cluster, instance: str, __: Settings) -> Service:
    from ecomkafka.services.inventory import InventoryService

    return InventoryService(cluster, instance)


def _analytics(_: ExitStack, cluster: Cluster, instance: str, __: Settings) -> Service:
    from ecomkafka.services.analytics import AnalyticsService

    return AnalyticsService(cluster, instance)


def _read_model(_: ExitStack, cluster: Cluster, __: str, settings: Settings) -> Service:
    from ecomkafka.services.read_model import ReadModel

    return ReadModel(cluster, settings.sql)


MAKERS: dict[str, Maker] = {
    "inventory": _inventory,
    "order": _order,
    "notification": _notification,
    "analytics": _analytics,
    READ_MODEL: _read_model,
}


def serve(name: str, instance: str, cluster: Cluster, settings: Settings) -> None:
    """Run the service `name` in this process's main thread until SIGTERM or Ctrl-C; then stop it, within 5 seconds.

    `name` is one of MAKERS. Raises RuntimeError with the cause if the service ends by itself.
    """
    with (
        registered(name, check_instance(instance), cluster.namespace, ",".join(cluster.bootstrap)) as ready,
        ExitStack() as gateways,
        fewer_collections(),
    ):
        service = MAKERS[name](gateways, cluster, instance, settings)
        if settings.metrics:
            _show_metrics(gateways, service, settings.metrics + list(MAKERS).index(name), settings.listen)
        # SIGTERM as Ctrl-C: an exception in the main thread, wherever it waits.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            _start(service, settings)
            ready()
            _until_it_ends(service)
        except KeyboardInterrupt:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        finally:
            service.stop()


def _start(service: Service, settings: Settings) -> None:
    try:
        service.start()
    except TimeoutError as error:
        if isinstance(service, Worker):
            raise
        database = service.engine.url.render_as_string()  # without its password
        raise RuntimeError(
            f"{error}: look after its database {database}, or choose another with ECOMKAFKA_SQL"
        ) from error


def _show_metrics(gateways: ExitStack, service: Service, port: int, host: str) -> None:
    from ecomkafka.telemetry.metrics.exporter import Exporter  # needs an extra

    workers = [service] if isinstance(service, Worker) else []
    read_model = None if isinstance(service, Worker) else service
    exporter = Exporter(service.cluster, lambda: workers, read_model, port=port, host=host)
    exporter.start()
    gateways.callback(exporter.stop)


def _until_it_ends(service: Service) -> None:
    never = threading.Event()
    while _state(service) not in ("failed", "fenced", "crashed", "stopped"):
        never.wait(0.2)
    raise RuntimeError(f"the service is {_state(service)}: {service.error}")


def _state(service: Service) -> str:
    return service.status if isinstance(service, Worker) else service.state
