"""Kafka's share of the time of an answer: a slow broker is not the student's fault."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import InvalidProducerEpochError, ProducerFencedError, RetriableError

USUAL = 0.1
"""Seconds that a tool may well need. They count as the student's, or a loop around a tool would never be one."""

SILENCE = (OSError, RetriableError, ProducerFencedError, InvalidProducerEpochError)
"""No answer, a wrong one that passes, and a transaction that Kafka has ended because it took too long."""


class KafkaShare:
    """Tools do what they ask of Kafka in `with share.asking()`; whoever waits for the answer leaves out `seconds`."""

    def __init__(self, limit: float) -> None:
        self.error: Exception | None = None
        """What a tool met instead of an answer; noted, so that no `except` of a student hides it."""
        self._limit = limit
        self._ended = 0.0
        self._since: float | None = None

    @contextmanager
    def asking(self) -> Iterator[None]:
        self._since = time.monotonic()
        try:
            yield
        except SILENCE as error:
            self.error = error
            raise
        finally:
            self._ended, self._since = self.seconds, None

    @property
    def seconds(self) -> float:
        """What all questions so far have taken beyond the usual."""
        since = self._since
        return self._ended + (0.0 if since is None else max(0.0, time.monotonic() - since - USUAL))

    @property
    def is_silent(self) -> bool:
        return self.error is not None or self.seconds > self._limit
