"""A naive dashboard of orders: three instances of a group share one table.

Each instance has one partition of a copy of `orders.events` and reads it when it has time. What an event makes of the
table is up to `apply`, which the lesson brings along.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from typing import Self

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.engine.state import State
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import Hop
from ecomkafka.lessons.scale_out.assignment_history import Assignment, assignment
from ecomkafka.messages import Message
from ecomkafka.waiting import until

TOPIC = "orders.events"
NAMES = ("a", "b", "c")

Table = dict[str, str]
"""Each order's status, by id."""
Apply = Callable[[Table, Message], None]


class Instance(Worker):
    """One instance of the dashboard: busy with something else until it `has_time`."""

    hop = Hop("dashboard", reads=(TOPIC,), writes=())

    def __init__(self, cluster: Cluster, name: str, table: Table, apply: Apply) -> None:
        super().__init__(cluster, name)
        self.has_time = threading.Event()
        self._table, self._apply = table, apply

    def due(self, record: Record) -> datetime | None:
        return None if self.has_time.is_set() else self.clock.now() + timedelta(seconds=0.1)

    def handle(self, record: Record, state: State) -> tuple[Message, ...]:
        self._apply(self._table, record.message)
        return ()


class Dashboard:
    """Close it at the end: three instances run."""

    def __init__(self, cluster: Cluster, apply: Apply) -> None:
        self.table: Table = {}
        self._cluster = cluster
        self._instances = {name: Instance(cluster, name, self.table, apply) for name in NAMES}
        self._open = ExitStack()

    def join(self) -> Assignment:
        """Start the instances, which join one group; returns each one's partitions."""
        for instance in self._instances.values():
            self._open.callback(instance.stop)
            instance.start()
        with closing(self._cluster.admin()) as admin:
            return until(lambda: assignment(admin, self._cluster, Instance.hop), what="a partition for each instance")

    def read(self, name: str) -> None:
        """Let one instance read its partition to the end, event by event into the table."""
        instance, partition = self._instances[name], NAMES.index(name)
        waiting = sum(record.partition == partition for record in read(self._cluster, TOPIC))
        instance.has_time.set()
        until(lambda: instance.handled == waiting, what=f"{instance.identity} at the end of its partition")

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
