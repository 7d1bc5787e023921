"""One service of a `Shop(processes=True)` as a program: `python -m ecomkafka.operations.shop_service SERVICE FILE`."""

import logging
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import msgspec

from ecomkafka import logs
from ecomkafka.clients import Cluster
from ecomkafka.gateways.mail import CountingMailer, Mailer
from ecomkafka.gateways.payment import LedgerGateway, ProtectedGateway
from ecomkafka.operations.serve import MAKERS, Service, serve
from ecomkafka.operations.system import cluster_of
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.notification import NotificationService
from ecomkafka.services.order import OrderService
from ecomkafka.settings import Settings


class Choices(msgspec.Struct, frozen=True):
    """What a shop passes to its services besides their settings."""

    mail: bool
    """False: mails are counted and not sent."""
    retry_delays: tuple[float, ...]
    allowed_lateness: timedelta
    metrics: bool

    def order(self, gateways: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
        ledger = gateways.enter_context(LedgerGateway(settings.payments))
        return OrderService(cluster, instance, payment=ProtectedGateway(ledger))

    def notification(self, _: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
        mailer = Mailer.of(settings.smtp) if self.mail else CountingMailer()
        return NotificationService(cluster, instance, mailer=mailer, retry_delays=self.retry_delays)

    def analytics(self, _: ExitStack, cluster: Cluster, instance: str, __: Settings) -> Service:
        return AnalyticsService(cluster, instance, allowed_lateness=self.allowed_lateness)


def main(service: str, file: str) -> None:
    choices, settings = msgspec.json.decode(Path(file).read_bytes(), type=Choices), Settings.read()
    MAKERS.update(order=choices.order, notification=choices.notification, analytics=choices.analytics)
    handler = logs.to_stream(sys.stdout, json=True, level=logging.WARNING)
    try:
        serve(service, "0", cluster_of(settings), settings)
    finally:
        logs.detach(handler)


if __name__ == "__main__":
    main(*sys.argv[1:])
