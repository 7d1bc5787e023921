"""The projection: reads a batch of events, writes rows and offsets to SQL, loses and doubles none."""

from collections.abc import Sequence
from typing import Any, Self

import sqlalchemy as sa
from kafka import TopicPartition
from kafka.errors import OffsetOutOfRangeError

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of, positions, to_record
from ecomkafka.clients.record import Record
from ecomkafka.gateways.order_queries import ReadModelError
from ecomkafka.gateways.order_store import MovedError, OrderStore
from ecomkafka.logs import log

TOPIC = "orders.events"
MAX_RECORDS = 2_000
POLL_MS = 200
OFFSETS_MS = 2_000
"""Short, because `stop()` waits as long."""


class OrderProjection:
    """One run of the read model: a consumer without a group, because SQL stores its offsets. Used by one thread."""

    def __init__(self, cluster: Cluster, store: OrderStore) -> None:
        self._cluster = cluster
        self._store = store
        self._partitions: list[TopicPartition] = []
        self._next: dict[int, int] = {}
        """The offsets as they should be in SQL."""
        # Without "none" a log that was deleted and made anew would be read as if nothing had happened.
        self._consumer = cluster.consumer(max_poll_records=MAX_RECORDS, auto_offset_reset="none")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._consumer.close(timeout_ms=2_000)

    def resume(self) -> dict[int, int]:
        """Seek to the offsets in SQL, whichever process wrote them; returns the positions. Raises LookupError without
        the topic.
        """
        # Asked once: while the broker is away every topic seems to be missing.
        self._partitions = self._partitions or partitions_of(self._consumer, self._cluster, TOPIC)
        self._next = self._store.prepare([partition.partition for partition in self._partitions])
        self._consumer.assign(self._partitions)
        first = self._consumer.beginning_offsets(self._partitions, timeout_ms=OFFSETS_MS)
        for partition in self._partitions:
            if (stored := self._next[partition.partition]) < first[partition]:
                log.warning("⚠️ retention was faster", service="read-model", partition=partition.partition, since=stored)
            self._consumer.seek(partition, max(stored, first[partition]))
        return self.positions()

    def step(self) -> int:
        """Poll and project once; returns the number of skipped records.

        Raises MovedError if the offsets in SQL are not the ones expected: `resume()` then.
        """
        try:
            polled: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=POLL_MS)
        except OffsetOutOfRangeError as error:
            self._explain(error)
        records = [to_record(self._cluster, raw) for partition in sorted(polled) for raw in polled[partition]]
        if records:
            return self._project(records)
        if self._store.offsets() != self._next:
            raise MovedError(f"the offsets of {TOPIC} in SQL were changed by someone else")
        return 0

    def positions(self) -> dict[int, int]:
        """The next offset of each partition, after the projected records and the markers that follow them."""
        known = positions(self._consumer, self._partitions)
        return {partition.partition: known.get(partition, 0) for partition in self._partitions}

    def _project(self, records: Sequence[Record]) -> int:
        """Write the records in one transaction. If SQL refuses one of them, find it by bisection and skip only that
        one.
        """
        known = [record for record in records if record.message is not None]
        ends = {record.partition: record.offset + 1 for record in records}
        moves = {partition: (self._next[partition], end) for partition, end in ends.items()}
        try:
            self._store.project([record.message for record in known], moves)
        except sa.exc.StatementError as error:
            if isinstance(error, sa.exc.DBAPIError) and not isinstance(error, sa.exc.DataError):
                raise  # the database's trouble, not the record's
            if len(records) > 1:
                half = len(records) // 2
                return self._project(records[:half]) + self._project(records[half:])
            self._store.project([], moves)
            self._next |= ends
            _log_skipped(records[0], str(error.orig))
            return 1
        self._next |= ends
        for record in records:
            if record.message is None:
                _log_skipped(record, "no order event, or one that only a newer version knows")
        return len(records) - len(known)

    def _explain(self, error: OffsetOutOfRangeError) -> None:
        ends = self._consumer.end_offsets(self._partitions, timeout_ms=OFFSETS_MS)
        for partition, end in ends.items():
            if (stored := self._next[partition.partition]) > end:
                raise ReadModelError(
                    f"SQL is at offset {stored} of {TOPIC}:{partition.partition}, which ends at {end}: "
                    "the topic was deleted and made anew; rebuild() starts over"
                ) from error
        raise MovedError("retention has taken the next events") from error


def _log_skipped(record: Record, why: str) -> None:
    log.warning("⚠️ skipped", service="read-model", position=str(record.position), error=why)
