"""A lost payment answer: the gateway charges, and the order service gets no answer.

It does so as long as the file `<ledger>.forgets` is there.
"""

from contextlib import ExitStack
from pathlib import Path

from ecomkafka.clients import Cluster
from ecomkafka.faults.outside import ForgetfulGateway
from ecomkafka.gateways.payment import LedgerGateway, ProtectedGateway
from ecomkafka.operations.serve import Service
from ecomkafka.services.order import OrderService
from ecomkafka.settings import Settings


def switch_of(ledger: Path) -> Path:
    """The file that makes the gateway of this ledger lose its answers."""
    return ledger.with_name(f"{ledger.name}.forgets")


def make(gateways: ExitStack, cluster: Cluster, instance: str, settings: Settings) -> Service:
    """One of `serve.MAKERS`."""
    ledger = gateways.enter_context(LedgerGateway(settings.payments))
    forgetful = ForgetfulGateway(ledger, switch_of(settings.payments).exists)
    return OrderService(cluster, instance, payment=ProtectedGateway(forgetful, reset_seconds=1.0))
