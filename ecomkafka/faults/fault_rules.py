"""What a bad network does to a request: it is lost, its acknowledgement is lost, it stays unanswered, it comes late.

`lossy_connection.py` does it.
"""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from kafka.protocol.api_key import ApiKey

from ecomkafka.faults.frames import Request

_LATE_SECONDS = 5.0
"""How long later requests wait for the broker's answer to the late one."""


class Fault(Enum):
    """What happens to a request."""

    LOSE_REQUEST = "the broker never sees it, the connection is cut"
    SWALLOW_REQUEST = "the broker never sees it, the connection stays and is silent about it"
    LOSE_ANSWER = "the broker does it, then the connection is cut"
    SWALLOW_ANSWER = "the broker does it, the connection stays and is silent about it"
    LATE_REQUEST = "the connection is cut, and the broker does it after later ones of the same transactional id"


@dataclass
class Rule:
    """The next `times` requests of this kind suffer `fault`. `happened` is set at the first.

    A LATE_REQUEST comes after `later` others of its transactional id, whatever their connection; then `arrived` is set.
    """

    api: ApiKey
    fault: Fault
    times: int
    later: int = 1
    happened: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)


class Late:
    """A request that was held back until the broker has answered some later ones."""

    def __init__(self, rule: Rule, request: Request, broker: socket.socket) -> None:
        self.whose = request.transactional_id
        self.left = rule.later
        """How many are still to be answered before it."""
        self._rule, self._frame, self._broker = rule, request.frame, broker
        self._over = threading.Event()

    def send(self) -> None:
        """Send the request to the broker; returns after its answer, or when that is impossible."""
        with suppress(OSError):  # the connection has ended meanwhile
            self._broker.sendall(self._frame)
            self._over.wait(_LATE_SECONDS)

    def arrived(self) -> None:
        self._rule.arrived.set()
        self._over.set()

    def given_up(self) -> None:
        self._over.set()
