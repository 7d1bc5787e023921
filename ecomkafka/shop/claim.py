"""The claims of this process's shops on their namespaces: the later shop takes the names of the earlier one's services.

Kafka tells of another process that has them. Of this process it can't say whether another shop has them, or a service
that was put in the place of a shop's own.
"""

import threading
from typing import Self
from weakref import WeakSet

from ecomkafka.clients import Cluster


class Claim:
    """A shop's claim on its namespace, made by `with`. Another one, made meanwhile, has taken it: `is_lost`."""

    def __init__(self, cluster: Cluster) -> None:
        self._place = cluster.bootstrap, cluster.namespace
        self.is_lost = False

    def __enter__(self) -> Self:
        with _lock:
            for other in _made:
                other.is_lost = other.is_lost or other._place == self._place
            _made.add(self)
        return self

    def __exit__(self, *exception: object) -> None:
        with _lock:
            _made.discard(self)

    def __str__(self) -> str:
        """What a shop says that has lost it."""
        name = repr(self._place[1]) if self._place[1] else "none"
        return (
            f"a later shop of this process has the same namespace ({name}) and has taken the names of its services: "
            "stop() both and start() one, or choose another namespace"
        )


_lock = threading.Lock()
_made: WeakSet[Claim] = WeakSet()
