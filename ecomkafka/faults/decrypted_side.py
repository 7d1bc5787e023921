"""The encrypted way from the proxy to a broker, as a plain socket: so the proxy can read what passes."""

import selectors
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

_SECONDS = 60.0
"""A broker that takes nothing for so long is given up."""


def decrypted(broker: socket.socket, tls: ssl.SSLContext, host: str) -> tuple[socket.socket, Callable[[], None]]:
    """A socket of plain bytes, and what carries them over `broker`: run it in a thread; it ends with either end.

    One thread does both directions: a TLS connection is not for two.
    """
    encrypted = tls.wrap_socket(broker, server_hostname=host)
    encrypted.setblocking(False)
    inside, outside = socket.socketpair()

    def carry() -> None:
        with encrypted, outside, selectors.DefaultSelector() as ready, suppress(OSError):
            for end in (encrypted, outside):
                ready.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    _decrypt(encrypted, outside) if key.fileobj is encrypted else _encrypt(outside, encrypted)

    return inside, carry


def _decrypt(encrypted: ssl.SSLSocket, outside: socket.socket) -> None:
    """Everything that has come; ConnectionError at the end of the connection."""
    with suppress(ssl.SSLWantReadError):  # a part of a record, or no data but a message of TLS
        while data := encrypted.recv(65_536):
            outside.sendall(data)
        raise ConnectionError("the broker has closed the connection")


def _encrypt(outside: socket.socket, encrypted: ssl.SSLSocket) -> None:
    data = memoryview(outside.recv(65_536))
    if not data:
        raise ConnectionError("the client has closed the connection")
    while data:
        try:
            data = data[encrypted.send(data) :]
        except ssl.SSLWantWriteError:
            _wait(encrypted, selectors.EVENT_WRITE)
        except ssl.SSLWantReadError:
            _wait(encrypted, selectors.EVENT_READ)


def _wait(end: socket.socket, event: int) -> None:
    with selectors.DefaultSelector() as ready:
        ready.register(end, event)
        if not ready.select(_SECONDS):
            raise TimeoutError(f"the broker takes nothing for {_SECONDS:.0f} s")
