"""The scene of a drill: a shop that runs, an app of another team that orders there, and a printer of labels."""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any, Self

from kafka.errors import KafkaError

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.transaction import UnknownOutcomeError
from ecomkafka.dataframes import DataFrame
from ecomkafka.exercises.drills.label_printer import LabelPrinter
from ecomkafka.exercises.drills.partner_app import PartnerApp
from ecomkafka.invariants.check import as_frame, check, unchecked
from ecomkafka.invariants.facts import Slack
from ecomkafka.shop import Shop

REFUSED = (KafkaError, ConnectionError, TimeoutError, UnknownOutcomeError)
"""How a door answers while Kafka takes no order."""

NEVER_LATE = Slack(confirmed=math.inf, cancelled=math.inf)

PRODUCTS = ("LAPTOP-001", "MOUSE-001", "HEADSET-001")
"""A product of each warehouse."""


class Scene:
    """Everything of one drill; it closes what it has opened, and first of all undoes what was done to it."""

    def __init__(
        self, brokers: int, prepare: Callable[[Cluster], None], options: Mapping[str, Any], customer: str
    ) -> None:
        self._brokers, self._prepare, self._options, self._customer = brokers, prepare, options, customer
        self._open = ExitStack()
        self.broker: Broker | None = None
        """A Kafka of this drill's own; None: the machine's."""

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            cluster = None
            if self._brokers:
                self.broker = opening.enter_context(Broker(self._brokers))
                cluster = Cluster.of(self.broker.bootstrap, "shop")
                self._prepare(cluster)
            self.shop = opening.enter_context(Shop(cluster, metrics=True, **self._options))
            self.app = opening.enter_context(PartnerApp(self.cluster, self.shop.catalogue))
            self.labels = opening.enter_context(LabelPrinter(self.cluster))
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    @property
    def cluster(self) -> Cluster:
        return self.shop.cluster

    def on_close(self, close: Callable[[], object]) -> None:
        """Call `close` before anything else of the scene ends."""
        self._open.callback(close)

    def orders(self, *products: str) -> list[str]:
        """A customer orders each product at each door; returns the ids. A shut door is what support hears of."""
        placed = []
        for product in products or PRODUCTS:
            for door in (self.shop.order, self.app.order):
                with suppress(*REFUSED):
                    placed.append(door(self._customer, {product: 1}))
        return placed

    def invariants(self) -> DataFrame:
        """What must be true of the shop, whether it is, and the first thing that breaks it.

        No end is late here: who looks for five minutes has orders that end long after their deadline, and that was
        the illness. How soon orders end after the cure `recovery.py` sees.
        """
        facts = replace(self.shop.facts(), slack=NEVER_LATE)
        return as_frame(check(facts), unchecked(facts))

    def await_ends(self, order_ids: Iterable[str]) -> None:
        """Wait until these orders have ended, so that the first look does not show what is only under way."""
        for order_id in order_ids:
            self.shop.wait(order_id)
