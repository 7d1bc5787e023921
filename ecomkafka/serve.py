"""One service in the foreground: put together from the settings, run until a signal or until its own end."""

import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack

from ecomkafka.gateways.mail import Mailer
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.gateways.payment import LedgerGateway, ProtectedGateway
from ecomkafka.processes import check_instance, registered
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.collector import patient
from ecomkafka.runtime.worker import Worker
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.notification import NotificationService
from ecomkafka.services.order import OrderService
from ecomkafka.services.read_model import ReadModel
from ecomkafka.settings import Settings

READ_MODEL = "read-model"

Service = Worker | ReadModel


Maker = Callable[[ExitStack, Cluster, str, Settings], Service]
"""Makes a service of these settings; what it needs besides is opened on the stack, to be closed after it."""


def _order(gateways: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
    try:
        ledger = gateways.enter_context(LedgerGateway(settings.payments))
    except sqlite3.Error as error:
        what = f"the payment ledger {settings.payments} can't be used ({error})"
        raise RuntimeError(f"{what}: point ECOMKAFKA_PAYMENTS at another file") from error
    return OrderService(cluster, instance, payment=ProtectedGateway(ledger))


def _notification(gateways: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
    if settings.smtp:
        return NotificationService(cluster, instance, mailer=Mailer.of(settings.smtp))
    server = gateways.enter_context(MailServer(directory=settings.mailbox))
    return NotificationService(cluster, instance, server=server)


MAKERS: dict[str, Maker] = {
    "inventory": lambda _, cluster, instance, __: InventoryService(cluster, instance),
    "order": _order,
    "notification": _notification,
    "analytics": lambda _, cluster, instance, __: AnalyticsService(cluster, instance),
    READ_MODEL: lambda _, cluster, __, settings: ReadModel(cluster, settings.sql),
}


def serve(name: str, instance: str, cluster: Cluster, settings: Settings) -> None:
    """Run the service `name` in this process's main thread until SIGTERM or Ctrl-C; then stop it, within 5 seconds.

    `name` is one of MAKERS. Raises RuntimeError with the cause if the service ends by itself.
    """
    with (
        registered(name, check_instance(instance), cluster.namespace, ",".join(cluster.bootstrap)) as ready,
        ExitStack() as gateways,
        patient(),
    ):
        service = MAKERS[name](gateways, cluster, instance, settings)
        # SIGTERM as Ctrl-C: an exception in the main thread, wherever it waits.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            service.start()
            ready()
            _until_it_ends(service)
        except KeyboardInterrupt:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        finally:
            service.stop()


def _until_it_ends(service: Service) -> None:
    never = threading.Event()
    while _state(service) not in ("failed", "fenced", "crashed", "stopped"):
        never.wait(0.2)
    raise RuntimeError(f"the service is {_state(service)}: {service.error}")


def _state(service: Service) -> str:
    return service.status if isinstance(service, Worker) else service.state
