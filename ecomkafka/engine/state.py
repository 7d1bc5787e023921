"""A service's state: a dict behind an overlay, rebuilt from its changelog.

Reads see the overlay. A commit writes the overlay's last value of each key to the changelog, in the transaction of the
records that caused it, and merges it; an abort drops it. The changelog is the truth, the dict a cache of it (Kreps,
"The Log", 2013).
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, ClassVar

from ecomkafka.messages import Value

_ABSENT: Any = object()


class State:
    """The state of one partition: values by key.

    `closed(value)`: only remembered to recognise late duplicates; of these the newest `remember` are kept, older ones
    are deleted. `keep(value)` False: written to the changelog, which is then the only place that has it.
    """

    remember: ClassVar[int] = 2_000

    def __init__(
        self, closed: Callable[[Any], bool] = lambda value: False, keep: Callable[[Any], bool] = lambda value: True
    ) -> None:
        self._open: dict[str, Any] = {}
        self._closed: dict[str, Any] = {}
        self._overlay: dict[str, Any] = {}
        self._record: dict[str, Any] = {}
        self._is_closed, self._is_kept = closed, keep

    def get(self, key: str) -> Any:
        """The value of `key` as this transaction sees it, or None."""
        for layer in (self._record, self._overlay, self._open, self._closed):
            value = layer.get(key, _ABSENT)
            if value is not _ABSENT:
                return value
        return None

    def is_committed(self, key: str) -> bool:
        """Whether the value of `key` is the committed one: no other instance can have changed it."""
        return key not in self._overlay and key not in self._record

    def put(self, key: str, value: Value) -> None:
        self._record[key] = value

    def delete(self, key: str) -> None:
        """Forget `key`; in the changelog this is a tombstone."""
        self._record[key] = None

    def items(self) -> Iterator[tuple[str, Any]]:
        """The open values, with the overlay's changes; closed values are left out."""
        changed = {**self._overlay, **self._record}
        for key, value in chain(changed.items(), ((k, v) for k, v in self._open.items() if k not in changed)):
            if value is not None and not self._is_closed(value):
                yield key, value

    def accept(self) -> None:
        """The current record was handled: its changes belong to this transaction."""
        if self._record:
            self._overlay.update(self._record)
            self._record = {}

    def reject(self) -> None:
        """The current record could not be handled: drop its changes only."""
        self._record = {}

    def changes(self) -> dict[str, Any]:
        """What the changelog must be told before the commit; None is a tombstone."""
        fresh = sum(
            1
            for key, value in self._overlay.items()
            if value is not None and self._is_closed(value) and key not in self._closed
        )
        excess = len(self._closed) + fresh - self.remember
        for key in [key for key, _ in zip(self._closed, range(excess), strict=False)] if excess > 0 else ():
            self._overlay.setdefault(key, None)
        return self._overlay

    def commit(self) -> None:
        """The transaction is committed: the overlay becomes the state."""
        self.restore(self._overlay)
        self._overlay = {}

    def abort(self) -> None:
        """The transaction is aborted: drop the overlay."""
        self._overlay, self._record = {}, {}

    def restore(self, entries: dict[str, Any]) -> None:
        """Take over a value from the changelog."""
        for key, value in entries.items():
            self._closed.pop(key, None)
            if value is None or not self._is_kept(value):
                self._open.pop(key, None)
            elif self._is_closed(value):
                self._open.pop(key, None)
                self._closed[key] = value
            else:
                self._open[key] = value

    def snapshot(self) -> dict[str, Any]:
        """Everything in memory, the oldest closed values first: a restore needs no more."""
        return {**self._closed, **self._open}

    def __len__(self) -> int:
        return len(self._open) + len(self._closed)
