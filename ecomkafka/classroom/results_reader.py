"""An incremental reader of the topic of results: each read continues where the last one ended."""

from types import TracebackType
from typing import Self

from ecomkafka.classroom.results_topic import PROGRESS, Result, decode
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of, read_to
from ecomkafka.contracts.codec import UndecodableError
from ecomkafka.logs import log

SECONDS = 10.0
"""No look takes longer."""


class Results:
    """Belongs to one thread, as its consumer does. Raises LookupError if there is no list."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._consumer = cluster.consumer()
        try:
            self._next = dict.fromkeys(partitions_of(self._consumer, cluster, PROGRESS), 0)
        except BaseException:
            self._consumer.close()
            raise

    def new(self) -> list[Result]:
        """What came in since the last look, in its order; what is no result is told in the log.

        Raises TimeoutError if the end was not reached in 10 s.
        """
        ends = self._consumer.end_offsets(list(self._next))
        found = []
        for record in read_to(self._consumer, self._cluster, self._next, ends, SECONDS):
            try:
                found.append(decode(record.value))
            except UndecodableError as error:
                log.warning("⚠️ this is no result", position=record.position, error=str(error))
        self._next = ends
        return found

    def close(self) -> None:
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def all_results(cluster: Cluster) -> list[Result]:
    """Every result so far."""
    with Results(cluster) as results:
        return results.new()
