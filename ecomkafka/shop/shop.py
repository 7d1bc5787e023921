"""The whole shop in one object: topics, mail, payment, four services and the read model."""

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from ecomkafka import logs
from ecomkafka.broker import broker
from ecomkafka.broker.namespaces import Fresh
from ecomkafka.catalogue import DEFAULT, Catalogue
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from ecomkafka.clock import SYSTEM_CLOCK, Clock, SystemClock
from ecomkafka.dataframes import DataFrame
from ecomkafka.domain.order_numbers import OrderNumbers
from ecomkafka.domain.retry_policy import DELAYS, delays_of
from ecomkafka.domain.windows.closing_and_lateness import ALLOWED_LATENESS
from ecomkafka.engine.garbage_collector import fewer_collections
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import RETRY_TOPICS
from ecomkafka.gateways.mail import CountingMailer
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.gateways.payment import LedgerGateway, ProtectedGateway
from ecomkafka.invariants.check import as_frame, check, unchecked
from ecomkafka.invariants.facts import Ends, Facts, ends_of, gather, without_books_of
from ecomkafka.invariants.witness import Witness
from ecomkafka.messages import exactly
from ecomkafka.operations.service_process import READY_SECONDS
from ecomkafka.operations.shop_service import Choices
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.notification import NotificationService
from ecomkafka.services.order import DEADLINE, OrderService
from ecomkafka.services.read_model import ReadModel
from ecomkafka.shop.arguments import check_catalogue, check_clock, check_cluster, check_flags, check_witness
from ecomkafka.shop.claim import Claim
from ecomkafka.shop.front_door import FrontDoor
from ecomkafka.shop.group_ends import await_ends
from ecomkafka.shop.hosting import Part, Processes, Threads
from ecomkafka.shop.lifecycle import NOT_OPEN
from ecomkafka.shop.shop_tables import Tables
from ecomkafka.shop.vital_signs import VitalSigns
from ecomkafka.waiting import until

WAIT_SECONDS = 30.0


class Shop(Tables, FrontDoor, VitalSigns):
    """A shop of its own on the machine's shared broker: `with Shop() as shop: ...`.

    Without a `namespace` it gets a fresh one, numbers its orders ORD-0001, ORD-0002, … and takes its topics away when
    it closes; with one it goes on with what is there. With `processes` each service is a process of its own: those here
    only take in what a client asks, and have no thread, no memory and no log. The read model stays in this process.
    """

    def __init__(
        self,
        cluster: Cluster | None = None,
        *,
        namespace: str | None = None,
        catalogue: Catalogue = DEFAULT,
        clock: Clock = SYSTEM_CLOCK,
        mail: bool = True,
        deadline: timedelta = DEADLINE,
        retry_delays: Sequence[float] = DELAYS,
        allowed_lateness: timedelta = ALLOWED_LATENESS,
        processes: bool = False,
        metrics: bool = False,
    ) -> None:
        check_cluster(cluster)
        check_catalogue(catalogue)
        check_clock(clock)
        check_flags(mail=mail, processes=processes, metrics=metrics)
        if processes and clock is not SYSTEM_CLOCK:
            raise ValueError(f"clock is {clock!r:.80}: with processes=True each service has the system's, leave it out")
        super().__init__()
        if isinstance(namespace, str):
            namespace = namespace or None  # an empty setting is none
        self._fresh = namespace is None and cluster is None
        self._given, self._namespace = cluster, namespace
        self.catalogue, self.clock = catalogue, clock
        self._choices = Choices(mail, delays_of(retry_delays, RETRY_TOPICS), allowed_lateness, metrics)
        self.deadline, self._in_processes = deadline, processes
        self._build()

    def _build(self) -> None:
        choices, clock = self._choices, self.clock
        namespace = f"shop-{uuid.uuid4().hex[:8]}" if self._namespace is None else self._namespace
        self.cluster = self._given or Cluster.of(broker.bootstrap(), namespace)
        self._open = contextlib.ExitStack()
        self.mail_server = MailServer(random=Random(0)) if choices.mail else None
        self.mailer = CountingMailer() if not choices.mail else None
        self._crew = (
            Processes(self.cluster, choices, self.mail_server) if self._in_processes else Threads(lambda: self.services)
        )
        self._claim = Claim(self.cluster)
        self._ledger = LedgerGateway()
        self.order_service = OrderService(
            self.cluster, clock=clock, payment=ProtectedGateway(self._ledger), catalogue=self.catalogue,
            deadline=self.deadline, numbers=OrderNumbers() if self._fresh else None,
        )  # fmt: skip
        self.inventory_service = InventoryService(self.cluster, clock=clock)
        self.notification_service = NotificationService(
            self.cluster, clock=clock, server=self.mail_server, mailer=self.mailer, retry_delays=choices.retry_delays
        )
        self.analytics_service = AnalyticsService(self.cluster, clock=clock, allowed_lateness=choices.allowed_lateness)
        self.read_model = ReadModel(self.cluster)
        self._older: Ends = {}
        for client in (self.order_service, self.inventory_service):
            client.admits = self._admit

    @property
    def services(self) -> tuple[Worker, ...]:
        return self.order_service, self.inventory_service, self.notification_service, self.analytics_service

    def _start(self) -> None:
        self._open.enter_context(fewer_collections())
        self._log = self._open.enter_context(logs.to_memory())
        if self._fresh:
            self._open.enter_context(Fresh(self.cluster))
        create_topics(self.cluster)
        known = {} if self._fresh else self.inventory_service.stock_so_far(self.catalogue)  # before a part takes a name
        self._open.enter_context(self._claim)
        if self.mail_server is not None:
            self._open.enter_context(self.mail_server)
        self._open.enter_context(self._crew)
        if file := self._crew.ledger:  # of the processes: there is a folder for it only now
            self._ledger.close()
            self._ledger = LedgerGateway(file)
        self._show_metrics()
        with ThreadPoolExecutor() as pool:
            parts = (*self._crew.parts(self.services), self.read_model)
            starting = [pool.submit(self._open_part, part) for part in parts]
            commands = self.inventory_service.open_with(self.catalogue, known)
            for started in starting:
                started.result(timeout=READY_SECONDS)
        if not self._fresh:  # until here another shop may have charged and sent what is in no book of this one
            self._older = ends_of(self.cluster)
            self.order_service.earlier = self._earlier
        filled = partial(self._crew.has_handled, self.inventory_service, commands)
        until(filled, WAIT_SECONDS, "the opening stock is on the shelves")

    def _open_part(self, part: Part) -> None:
        self._open.callback(part.stop)
        part.start()

    def _close_rest(self) -> None:
        with contextlib.ExitStack() as rest:
            for close in (self._crew.close, self._ledger.close, self.inventory_service.stop, self.order_service.stop):
                rest.callback(close)

    @property
    def ledger(self) -> LedgerGateway:
        """The payment's ledger, which is closed with the shop."""
        if self._state == "closed":
            raise RuntimeError(NOT_OPEN)
        return self._ledger

    def order(
        self, customer_id: str, items: Mapping[str, int] | Sequence[Mapping[str, Any]], order_id: str | None = None
    ) -> str:
        """Place an order: `items` is {product_id: quantity}, or the list that `create_order` takes. Returns its id."""
        self._check_open()
        if isinstance(items, Mapping):
            items = [{"product_id": product_id, "quantity": quantity} for product_id, quantity in items.items()]
        return self.order_service.create_order(customer_id=customer_id, items=items, order_id=order_id)

    def wait(self, order_id: str, timeout: float = WAIT_SECONDS) -> str:
        """Wait for the order's end: "CONFIRMED" or "CANCELLED". Raises TimeoutError with its status; RuntimeError as
        soon as it is known that the order may never end.
        """
        self._check_open("stopping")
        return self.read_model.wait(order_id, timeout, self._trouble)

    @exactly()
    def facts(self, witness: Witness | None = None) -> Facts:
        """All facts of the shop, for the invariants. `witness`: a reader that has run since the shop was opened.

        If somebody else has its namespace by now, the ledger or the mailbox is not known: what happened since is in
        others.
        """
        self._check_open("stopping")
        if witness is not None:
            check_witness(witness)
            witness.sync()
        mails = None if self.mail_server is None else [mail.notification_id for mail in self.mail_server.messages]
        facts = gather(
            self.cluster,
            self._crew.workers,
            charges=self.ledger.charges(),
            read_model=self.read_model.orders(),
            mails=mails,
            witnessed=None if witness is None else witness.seen,
            checksums=None if witness is None else witness.checksums,
            on_wall_clock=isinstance(self.clock, SystemClock),
            older=self._older,
        )
        return without_books_of(facts, self._taken())

    @exactly()
    def invariants(self, witness: Witness | None = None) -> DataFrame:
        """One row an invariant: whether it holds, what it protects, what breaks it. `settle()` first.

        That every reader sees the same can only be checked with a `witness`.
        """
        facts = self.facts(witness)
        return as_frame(check(facts), unchecked(facts))

    def settle(self, timeout: float = WAIT_SECONDS) -> None:
        """Wait until every group is at the end of its topics. Raises TimeoutError that names those that are not."""
        self._check_open("stopping")
        await_ends(self.cluster, timeout, self.health, self._trouble)
        self._crew.undo()
        self.read_model.sync(timeout)
