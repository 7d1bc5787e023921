"""The tables of a shop, each read from topics, SQL and mailbox when it is asked for."""

from dataclasses import fields

from ecomkafka.catalogue import Catalogue
from ecomkafka.dataframes import DataFrame, dataframe
from ecomkafka.domain.order_view import OrderRow
from ecomkafka.domain.stock import Entry
from ecomkafka.engine.changelog import table
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.services.analytics import late, windows
from ecomkafka.services.dead_letters import DeadLetter, dead_letters, replay
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.read_model import ReadModel
from ecomkafka.shop.lifecycle import Lifecycle
from ecomkafka.shop.report import frame, stock_frame, window_report
from ecomkafka.shop.trace import trace


class Tables(Lifecycle):
    """The part of a `Shop` that only reads, but for `replay_dead_letters`."""

    catalogue: Catalogue
    mail_server: MailServer | None
    inventory_service: InventoryService
    read_model: ReadModel

    def trace(self, order_id: str) -> DataFrame:
        """Every record of the order's saga (see `shop/trace.py`)."""
        self._check_topics()
        return trace(self.cluster, order_id)

    def stock(self) -> DataFrame:
        """One row a product: warehouse, on hand, reserved, available, in units, as the changelog has them."""
        self._check_topics()
        return stock_frame(table(self.cluster, self.inventory_service.hop, Entry), self.catalogue)

    def orders(self) -> DataFrame:
        """One row an order, from the read model: id, customer, status, reason, total, number of lines, created at."""
        self._check_open("stopping")
        return dataframe(self.read_model.orders(), OrderRow._fields)

    def windows(self) -> DataFrame:
        """One row a window of five minutes of event time (see `shop/report.py`)."""
        self._check_topics()
        return frame(windows(self.cluster))

    def mailbox(self) -> DataFrame:
        """One row a mail that arrived: which notification, to whom, subject."""
        mails = () if self.mail_server is None else self.mail_server.messages
        rows = [(mail.notification_id, mail.to, mail.subject) for mail in mails]
        return dataframe(rows, ["notification_id", "to", "subject"])

    def replay_dead_letters(self) -> int:
        """Send every dead letter again that was not delivered meanwhile; returns how many."""
        self._check_topics()
        return replay(self.cluster)

    def dead_letters(self) -> DataFrame:
        """One row a dead letter: where it is, which notification, attempts, reason, state, history."""
        self._check_topics()
        return dataframe(dead_letters(self.cluster), [field.name for field in fields(DeadLetter)])

    def report(self) -> str:
        """The WINDOW REPORT as text."""
        self._check_topics()
        return window_report(windows(self.cluster), late(self.cluster))
