"""The one seam for whoever watches a service: the loop says what happens, and an observer makes of it what it likes.

Without an observer nothing is measured, and nothing is imported for it.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

from ecomkafka.clients.record import Forward
from ecomkafka.messages import Message

Timed = Literal["transaction", "checkpoint", "restore", "mail"]


class Observer:
    """Hears everything and does nothing. Called in the service's thread, so it must be quick and must not raise."""

    def batch(self, records: int) -> None:
        """So many records of one poll were handled."""

    def committed(self, outputs: Iterable[Message | Forward]) -> None:
        """These outputs are visible to read_committed readers now."""

    def rebalanced(self) -> None:
        """Partitions were assigned anew."""

    def recovering(self) -> None:
        """The last transaction was not committed."""

    def timed(self, what: Timed) -> AbstractContextManager[object]:
        """How long the block takes, and with which exception it ends, if with one."""
        return _UNTIMED


_UNTIMED = nullcontext()

NOBODY = Observer()
