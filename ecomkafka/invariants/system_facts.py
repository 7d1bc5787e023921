"""The facts of a shop that runs as processes: from its topics, and from the ledger, SQL and mail of the settings."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from ecomkafka.clients import Cluster
from ecomkafka.gateways.mailbox import Mailbox
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.payment import LedgerGateway
from ecomkafka.invariants.facts import Facts, gather
from ecomkafka.invariants.quiescence import is_quiet
from ecomkafka.settings import Settings

QUIET_SECONDS = 10.0


def facts_of(cluster: Cluster, settings: Settings) -> Facts:
    """What is known of the running system, as soon as nothing is left to do, or after QUIET_SECONDS.

    Mail that goes to a server of somebody else's is not known. Raises RuntimeError if retention has taken a topic's
    beginning, ReadModelError if SQL can't be asked.
    """
    with _orders(settings) as orders, LedgerGateway(settings.payments) as ledger:
        orders.counts()  # nobody waits for SQL that is not there
        deadline = time.monotonic() + QUIET_SECONDS
        with suppress(SQLAlchemyError):  # whoever reads the orders below says what it is
            while not is_quiet(cluster, orders) and time.monotonic() < deadline:
                time.sleep(0.1)
        facts = gather(cluster)
        # What follows the log is read after it: the other way round it would seem to be behind.
        mails = None if settings.smtp else _mails(settings)
        return replace(facts, charges=ledger.charges(), mails=mails, read_model=orders.orders())


@contextmanager
def _orders(settings: Settings) -> Iterator[OrderQueries]:
    sql = OrderQueries(settings.sql, settings.namespace)
    try:
        yield sql
    finally:
        sql.engine.dispose()


def _mails(settings: Settings) -> list[str]:
    return [mail.notification_id for mail in Mailbox(settings.mailbox).messages]
