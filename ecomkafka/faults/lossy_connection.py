"""One connection through the proxy, on which requests and their acknowledgements get lost."""

import socket
import time
from contextlib import suppress
from typing import NamedTuple, Protocol

from kafka.protocol.api_key import ApiKey

from ecomkafka.faults.fault_rules import Fault, Late, Rule
from ecomkafka.faults.frames import Request, correlation_of, next_frame


class Exchange(NamedTuple):
    """A request and its answer, as they passed: times in seconds of a monotonic clock."""

    api: ApiKey
    asked: float
    answered: float
    request: bytes
    """Its frame (`faults/frames.py`)."""


class PendingRequest(NamedTuple):
    """A request whose answer has not come yet."""

    api: ApiKey
    at: float
    frame: bytes
    fault: Fault | None
    whose: str | None
    """The transactional id, if it matters."""
    late: Late | None = None


class Rules(Protocol):
    """What a connection needs of its proxy (`faults/network_proxy.py`)."""

    delay: float

    @property
    def counts(self) -> bool: ...
    def rule_for(self, request: Request, whose: str | None) -> Rule | None: ...
    def hold(self, late: Late) -> None: ...
    def passed(self, whose: str | None) -> None: ...
    def exchanged(self, exchange: Exchange) -> None: ...
    def forget(self, link: "Link") -> None: ...


class Link:
    """One connection: a thread for each direction."""

    def __init__(self, proxy: Rules, client: socket.socket, broker: socket.socket) -> None:
        broker.settimeout(None)
        self._proxy, self._client, self._broker = proxy, client, broker
        self.silent = False
        """Whether what comes from either end gets lost."""
        self._unanswered = False
        """Whether answers get lost. TCP loses nothing in the middle: after a lost answer the client gets none."""
        self._pending: dict[int, PendingRequest] = {}

    def requests(self) -> None:
        with suppress(OSError):
            while frame := next_frame(self._client):
                request = Request.of(frame)
                whose = request.transactional_id if self._proxy.counts else None
                rule = self._proxy.rule_for(request, whose)
                fault = rule.fault if rule else None
                if fault is Fault.LOSE_REQUEST:
                    break
                if fault is Fault.SWALLOW_REQUEST or self.silent:
                    self._unanswered = True
                    continue
                if rule and fault is Fault.LATE_REQUEST:
                    return self._hold(request, rule)
                self._pending[request.correlation] = PendingRequest(request.api, time.monotonic(), frame, fault, whose)
                self._broker.sendall(frame)
        self.close()

    def _hold(self, request: Request, rule: Rule) -> None:
        """The client's end is cut; the broker's waits for the request, and ends with its answer."""
        late = Late(rule, request, self._broker)
        self.silent = True
        self._pending[request.correlation] = PendingRequest(
            request.api, time.monotonic(), request.frame, rule.fault, late.whose, late
        )
        self._proxy.hold(late)
        end(self._client)

    def answers(self) -> None:
        with suppress(OSError):
            while frame := next_frame(self._broker):
                asked = self._pending.pop(correlation_of(frame))
                if asked.late:
                    asked.late.arrived()
                    break
                self._proxy.passed(asked.whose)
                if asked.fault is Fault.LOSE_ANSWER:
                    break
                self._unanswered = self._unanswered or asked.fault is Fault.SWALLOW_ANSWER
                if not (self._unanswered or self.silent):
                    time.sleep(self._proxy.delay)
                    self._answer(asked, frame)
        self.close()

    def _answer(self, asked: PendingRequest, answer: bytes) -> None:
        # First of all, since the client goes on with the answer.
        self._proxy.exchanged(Exchange(asked.api, asked.at, time.monotonic(), asked.frame))
        try:
            self._client.sendall(answer)
        except OSError:
            if not self.silent:  # else the client's end was cut, and the broker's waits for a late request
                raise

    def close(self) -> None:
        self._proxy.forget(self)
        end(self._client)
        end(self._broker)
        for asked in list(self._pending.values()):
            if asked.late:
                asked.late.given_up()


def end(connection: socket.socket) -> None:
    """Close it at once, in whatever state it is."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
