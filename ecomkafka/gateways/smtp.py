"""An SMTP client with one deadline for a whole mail: smtplib has only a time limit for each single wait."""

import smtplib
import socket
import time
from collections.abc import Callable
from typing import Any


class Connection(smtplib.SMTP):
    """An SMTP connection whose every wait ends at `deadline` (monotonic seconds) with an OSError."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        super().__init__(local_hostname="localhost")  # the default asks the DNS, which may take its time

    def _left(self) -> float:
        if (left := self.deadline - time.monotonic()) <= 0:
            raise TimeoutError("timed out")
        return left

    def _get_socket(self, host: str, port: int, timeout: object) -> socket.socket:
        return socket.create_connection((host, port), self._left())

    def send(self, s: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._left())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock, self._left)
        return super().getreply()


class _Lines:
    """Reads a socket's lines until a deadline, also from a server that sends a byte now and then."""

    def __init__(self, source: socket.socket, left: Callable[[], float]) -> None:
        self._source, self._left, self._buffer = source, left, b""

    def readline(self, limit: int) -> bytes:
        while b"\n" not in self._buffer and len(self._buffer) < limit:
            self._source.settimeout(self._left())
            received = self._source.recv(4_096)
            if not received:
                break
            self._buffer += received
        end = min(self._buffer.find(b"\n") + 1 or len(self._buffer), limit)
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        return line

    def close(self) -> None:
        """The connection closes the socket."""
