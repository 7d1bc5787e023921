"""`python -m ecomkafka.lab.forgetful_payment INSTANCE`: the order service, whose payment gateway can be made to charge
and not to answer.

It does so as long as the file `<ledger>.forgets` is there.
"""

import sys
from contextlib import ExitStack
from pathlib import Path

from ecomkafka import logs
from ecomkafka.gateways.payment import LedgerGateway, ProtectedGateway
from ecomkafka.lab.faults import ForgetfulGateway
from ecomkafka.runtime.clients import Cluster
from ecomkafka.serve import MAKERS, Service, serve
from ecomkafka.services.order import OrderService
from ecomkafka.settings import Settings
from ecomkafka.system import cluster_of


def switch_of(ledger: Path) -> Path:
    """The file that makes the gateway of this ledger lose its answers."""
    return ledger.with_name(f"{ledger.name}.forgets")


def _make(gateways: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
    ledger = gateways.enter_context(LedgerGateway(settings.payments))
    forgetful = ForgetfulGateway(ledger, switch_of(settings.payments).exists)
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
