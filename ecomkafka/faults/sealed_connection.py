"""One connection through the proxy that nobody can read on its way, because client and broker encrypt it."""

import socket
import time
from contextlib import suppress
from typing import Protocol

from ecomkafka.faults.lossy_connection import end


class Carrier(Protocol):
    """What a connection needs of its proxy (`faults/network_proxy.py`)."""

    delay: float

    def overheard(self, data: bytes) -> None: ...
    def forget(self, link: "SealedLink") -> None: ...


class SealedLink:
    """A thread for each direction. It can be cut, become silent or slow; what a request is, it does not know."""

    def __init__(self, proxy: Carrier, client: socket.socket, broker: socket.socket) -> None:
        broker.settimeout(None)
        self._proxy, self._client, self._broker = proxy, client, broker
        self.silent = False
        """Whether what comes from either end gets lost."""

    def requests(self) -> None:
        self._carry(self._client, self._broker, late=False)

    def answers(self) -> None:
        self._carry(self._broker, self._client, late=True)

    def _carry(self, source: socket.socket, target: socket.socket, late: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._proxy.overheard(data)
                if late:
                    time.sleep(self._proxy.delay)
                if not self.silent:
                    target.sendall(data)
        self.close()

    def close(self) -> None:
        self._proxy.forget(self)
        end(self._client)
        end(self._broker)
