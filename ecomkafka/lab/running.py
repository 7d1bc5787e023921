"""The facts of the system that runs as processes: its topics, and what the settings say of ledger, SQL and mail."""

import time

from ecomkafka.gateways.mailbox import Mailbox
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.payment import LedgerGateway
from ecomkafka.lab.facts import Facts, gather
from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.groups import lags
from ecomkafka.settings import Settings

QUIET_SECONDS = 10.0


def facts_of(cluster: Cluster, settings: Settings) -> Facts:
    """What is known of the running system, as soon as no service is behind, or after QUIET_SECONDS.

    Mail that goes to a server of somebody else's is not known. Raises RuntimeError if retention has taken a topic's
    beginning, ReadModelError if SQL can't be asked.
    """
    deadline = time.monotonic() + QUIET_SECONDS
    while any(lag.lag for lag in lags(cluster)) and time.monotonic() < deadline:
        time.sleep(0.1)
    sql = OrderQueries(settings.sql, settings.namespace)
    try:
        with LedgerGateway(settings.payments) as ledger:
            return gather(
                cluster,
                charges=ledger.charges(),
                read_model=sql.orders(),
                mails=None if settings.smtp else _mails(settings),
            )
    finally:
        sql.engine.dispose()


def _mails(settings: Settings) -> list[str]:
    return [mail.notification_id for mail in Mailbox(settings.mailbox).messages]
