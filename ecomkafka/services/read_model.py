"""The read model (CQRS): `orders.events` in SQL, with its offsets in one SQL transaction; rebuilt on demand.

Kafka's transaction can't span a database. So the offsets don't live in Kafka but with the rows: after a crash both are
there or neither, and the events are read again from where the rows end. No consumer group is needed.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Self

from kafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of
from ecomkafka.domain.basket import identifier
from ecomkafka.domain.order_view import PENDING
from ecomkafka.gateways.order_projection import TOPIC, OrderProjection
from ecomkafka.gateways.order_queries import OrderQueries, ReadModelError
from ecomkafka.gateways.order_store import MovedError, OrderStore
from ecomkafka.logs import log
from ecomkafka.waiting import seconds

REBUILD_SECONDS = 60.0
BACKOFF_SECONDS = (0.1, 2.0)
"""The first and the longest pause after an error; each pause is twice the one before."""


class ReadModel(OrderQueries):
    """Projects events into SQL in a thread of its own. `state` is new, starting, running, recovering, failed or
    stopped.
    """

    def __init__(self, cluster: Cluster | Sequence[str], url: str = "sqlite://") -> None:
        self.cluster = Cluster.of(cluster)
        super().__init__(url, self.cluster.namespace)
        self.state = "new"
        self.error: str | None = None
        self.skipped = 0
        """Records that were no order events (the order service puts them into quarantine), of types that only a newer
        version knows, or that didn't fit into SQL.
        """
        self._store = OrderStore(self.engine, self.namespace, TOPIC)
        self._reached: dict[int, int] = {}
        self._progress = threading.Condition()
        self._stopping = threading.Event()
        self._rebuild = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, timeout: float = 15.0) -> Self:
        """Start the projection's thread; returns when it runs. Raises TimeoutError or ReadModelError with the cause."""
        timeout = seconds(timeout)
        if self._thread is not None and self._thread.is_alive():
            raise RuntimeError("the read model runs already: stop() it first")
        self._stopping.clear()
        self.state, self.error = "starting", None
        thread = threading.Thread(target=self._run, name="read-model", daemon=True)
        thread.start()
        self._thread = thread
        try:
            self._until(lambda: self.state == "running", timeout, "the read model did not start")
        except (TimeoutError, ReadModelError):
            self.stop()
            raise
        return self

    def stop(self, timeout: float = 5.0) -> None:
        """End the thread and close the database. A temporary database is deleted; the next start fills a new one."""
        timeout = seconds(timeout)
        self._stopping.set()
        if (thread := self._thread) is not None:
            thread.join(timeout)
            if thread.is_alive():
                raise TimeoutError(f"the read model did not stop in {timeout:.0f} s: {self.error or self.state}")
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def wait(self, order_id: str, timeout: float = 10.0, trouble: Callable[[], str | None] = lambda: None) -> str:
        """Block until the order has ended; returns CONFIRMED or CANCELLED. Raises TimeoutError with its last status.

        If `trouble` returns a sentence, the order can't end, and a RuntimeError is raised at once.
        """
        order_id, last = identifier("order_id", order_id), list[str | None]([None])

        def ended() -> bool:
            if sentence := trouble():
                raise RuntimeError(f"order {order_id!r} may never end here: {sentence}")
            with suppress(ReadModelError):  # the database may be away for a while: `state` and the timeout tell
                last[0] = self.status(order_id)
            return last[0] not in (None, PENDING)

        try:
            self._until(ended, timeout, f"order {order_id!r} has not ended")
        except TimeoutError as error:
            known = f"its last status is {last[0]}" if last[0] else f"no event of it is on {TOPIC}"
            raise TimeoutError(
                f"{error}; {known}: 'ecomkafka trace {order_id}' and 'ecomkafka health' show where it is"
            ) from None
        return str(last[0])

    def sync(self, timeout: float = 30.0) -> None:
        """Block until every event that is on the topic at the call is in SQL."""
        _, ends = self._log()
        self.reach(ends, timeout)

    def reach(self, ends: Mapping[int, int], timeout: float = 30.0) -> None:
        """Block until the events before these offsets, by partition, are in SQL."""
        self._until(
            lambda: not self._rebuild.is_set() and all(self._reached.get(p, 0) >= end for p, end in ends.items()),
            timeout,
            f"the read model has not reached the end of {TOPIC}",
        )

    def lag(self) -> dict[int, int]:
        """By partition, how many records are not in SQL yet."""
        _, ends = self._log()
        return {partition: max(0, end - self._reached.get(partition, 0)) for partition, end in ends.items()}

    def rebuild(self) -> None:
        """Delete the rows and project them again from the log; starts the read model if it isn't running.

        Raises ReadModelError if retention has deleted the log's beginning: SQL has orders that the log can't restore.
        """
        firsts, _ = self._log()
        if any(firsts.values()):
            raise ReadModelError(
                f"{TOPIC} has lost its beginning (it starts at {firsts}): a rebuild would lose the orders before it"
            )
        self._rebuild.set()
        if self._thread is None or not self._thread.is_alive():
            self.start()
        self.sync(REBUILD_SECONDS)

    def _log(self) -> tuple[dict[int, int], dict[int, int]]:
        """First and next offset of each partition, read by a new consumer: the projection's belongs to its thread.

        The next offset is the high watermark: behind an undecided transaction there are events, too.
        """
        with self.cluster.consumer(isolation_level="read_uncommitted") as consumer:
            partitions = partitions_of(consumer, self.cluster, TOPIC)
            firsts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        return {p.partition: firsts[p] for p in partitions}, {p.partition: ends[p] for p in partitions}

    def _until(self, condition: Callable[[], bool], timeout: float, what: str) -> None:
        """Evaluate the condition after each commit. Raises TimeoutError, or ReadModelError as soon as the projection
        has failed.
        """
        timeout = seconds(timeout)
        deadline = time.monotonic() + timeout
        with self._progress:
            while not condition():
                if self.state in ("new", "failed", "stopped"):
                    raise ReadModelError(
                        f"{what}: the read model is {self.state}{f': {self.error}' if self.error else ''}"
                    )
                if (left := deadline - time.monotonic()) <= 0:
                    raise TimeoutError(f"{what} after {timeout:g} s (read model: {self.error or self.state})")
                self._progress.wait(min(left, 0.5))

    def _run(self) -> None:
        try:
            with OrderProjection(self.cluster, self._store) as projection:
                self._work(projection)
            self._report("stopped")
        except Exception as error:  # noqa: BLE001 - the thread's last frame: nobody above could report it
            self._report("failed", f"{type(error).__name__}: {error}")
            log.error("⚠️ stopped", service="read-model", error=self.error)

    def _work(self, projection: OrderProjection) -> None:
        stale, backoff = True, BACKOFF_SECONDS[0]
        while not self._stopping.is_set():
            try:
                if self._rebuild.is_set():
                    self._store.reset()
                    stale = True
                if stale:
                    self._report("running", reached=projection.resume())
                    stale = False
                    self._rebuild.clear()
                self.skipped += projection.step()
                self._report("running", reached=projection.positions())
                backoff = BACKOFF_SECONDS[0]
            except MovedError:
                stale = True
            except (SQLAlchemyError, KafkaError) as error:
                stale = True
                why = f"{type(error).__name__}: {getattr(error, 'orig', None) or error}"
                self._report("recovering", why, reached={})  # whether the last commit counted is unknown
                log.warning("⚠️ recovering", service="read-model", error=self.error)
                self._stopping.wait(backoff)
                backoff = min(2 * backoff, BACKOFF_SECONDS[1])

    def _report(self, state: str, error: str | None = None, reached: Mapping[int, int] | None = None) -> None:
        with self._progress:
            self.state, self.error = state, error
            self._reached = dict(reached) if reached is not None else self._reached
            self._progress.notify_all()
