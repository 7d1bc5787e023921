"""The encrypted ways from a client to the proxy and from the proxy to a broker, as plain sockets: so the proxy can read
what passes.
"""

import selectors
import socket
import ssl
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ecomkafka.broker.security.accounts import LOCALHOST
from ecomkafka.clients import Cluster
from ecomkafka.machine.private_files import write_private

if TYPE_CHECKING:
    from ecomkafka.broker.security.certificates import Authority

_HANDSHAKE_SECONDS = 5.0
_SECONDS = 60.0
"""An end that takes nothing for so long is given up."""


class Decryption:
    """Both ends of a proxy's connections to a cluster with TLS. `start` runs what it is given in a thread.

    A client encrypts as far as the proxy if that can show a certificate of the cluster's CA: where the CA's key is at
    hand, as it is for a broker of this machine. Of somebody else's cluster only the way to the broker is encrypted.
    """

    def __init__(self, cluster: Cluster, start: Callable[[Callable[[], None]], None]) -> None:
        from ecomkafka.broker.security.certificates import Authority  # its library is loaded only with TLS

        authority = Authority.beside(cluster.ca)
        self._start = start
        self._to_broker = cluster.access.tls_context()
        self._to_client = _shown_to_clients(authority, cluster) if authority else None
        self.cluster = cluster if authority else replace(cluster, ca="", certificate="")
        """As its clients have to see it."""

    def broker_end(self, broker: socket.socket, host: str) -> socket.socket:
        """The connection to a broker, in plain. Raises OSError if the handshake fails."""
        return self._plain(self._to_broker.wrap_socket(broker, server_hostname=host))

    def client_end(self, client: socket.socket) -> socket.socket:
        """The connection of a client, likewise."""
        if self._to_client is None:
            return client
        client.settimeout(_HANDSHAKE_SECONDS)
        return self._plain(self._to_client.wrap_socket(client, server_side=True))

    def _plain(self, encrypted: ssl.SSLSocket) -> socket.socket:
        encrypted.setblocking(False)
        inside, outside = socket.socketpair()
        self._start(partial(_carry, encrypted, outside))
        return inside


def _shown_to_clients(authority: "Authority", cluster: Cluster) -> ssl.SSLContext:
    """With a certificate for every address at which clients may look for a broker."""
    hosts = {address.rpartition(":")[0].strip("[]") for address in cluster.bootstrap} | {LOCALHOST, "localhost"}
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory(prefix="ecomkafka-") as folder:  # OpenSSL reads it from a file only
        pem = Path(folder) / "proxy.pem"
        write_private(pem, authority.issue("proxy", sorted(hosts)))
        made.load_cert_chain(pem)
    return made


def _carry(encrypted: ssl.SSLSocket, outside: socket.socket) -> None:
    """Until either end closes. One thread does both directions: a TLS connection is not for two."""
    with encrypted, outside, selectors.DefaultSelector() as ready, suppress(OSError):
        for end in (encrypted, outside):
            ready.register(end, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                _decrypt(encrypted, outside) if key.fileobj is encrypted else _encrypt(outside, encrypted)


def _decrypt(encrypted: ssl.SSLSocket, outside: socket.socket) -> None:
    """Everything that has come; ConnectionError at the end of the connection."""
    with suppress(ssl.SSLWantReadError):  # a part of a record, or no data but a message of TLS
        while data := encrypted.recv(65_536):
            outside.sendall(data)
        raise ConnectionError("the other end has closed the connection")


def _encrypt(outside: socket.socket, encrypted: ssl.SSLSocket) -> None:
    data = memoryview(outside.recv(65_536))
    if not data:
        raise ConnectionError("the proxy has closed the connection")
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
            raise TimeoutError(f"the other end takes nothing for {_SECONDS:.0f} s")
