"""`python -m ecomkafka.lab.forgetful_payment INSTANCE`: the order service, whose payment gateway can be made to charge
and not to answer.

It does so as long as the file `<ledger>.forgets` is there.
"""

import sys
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from ecomkafka import logs
from ecomkafka.gateways.payment import LedgerGateway, PaymentGateway, PaymentUnavailable, ProtectedGateway
from ecomkafka.runtime.clients import Cluster
from ecomkafka.serve import MAKERS, Service, serve
from ecomkafka.services.order import OrderService
from ecomkafka.settings import Settings
from ecomkafka.system import cluster_of


def switch_of(ledger: Path) -> Path:
    """The file that makes the gateway of this ledger lose its answers."""
    return ledger.with_name(f"{ledger.name}.forgets")


class ForgetfulGateway:
    """Does what it is asked, and does not say so while `switch` is there."""

    def __init__(self, gateway: PaymentGateway, switch: Path) -> None:
        self._gateway, self._switch = gateway, switch

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        approved = self._gateway.charge(order_id, customer_id, amount)
        self._forget()
        return approved

    def void(self, order_id: str) -> None:
        self._gateway.void(order_id)
        self._forget()

    def _forget(self) -> None:
        if self._switch.exists():
            raise PaymentUnavailable("the gateway did it, and its answer was lost")


def _make(gateways: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
    ledger = gateways.enter_context(LedgerGateway(settings.payments))
    forgetful = ForgetfulGateway(ledger, switch_of(settings.payments))
    return OrderService(cluster, instance, payment=ProtectedGateway(forgetful, reset_seconds=1.0))


def main(instance: str) -> None:
    settings = Settings.read()
    MAKERS["order"] = _make
    handler = logs.to_stream(sys.stdout, json=True)
    try:
        serve("order", instance, cluster_of(settings), settings)
    finally:
        logs.detach(handler)


if __name__ == "__main__":
    main(sys.argv[1])
