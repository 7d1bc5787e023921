"""Knocking at a broker over a plain socket, or through an HTTP proxy: single requests, each with a time limit."""

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRWPair

API_VERSIONS = struct.pack(">hhih", 18, 0, 0, -1)  # key, version, correlation, no client id
METADATA = struct.pack(">hhihi", 3, 1, 0, -1, 0)  # and no topics


def sasl_handshake(mechanism: str) -> bytes:
    name = mechanism.encode()
    return struct.pack(f">hhihh{len(name)}s", 17, 1, 0, -1, len(name), name)


class ProxyError(ConnectionError):
    """The proxy lets nobody through."""


@contextmanager
def connected(
    address: str, seconds: float, tls: ssl.SSLContext | None = None, proxy: str = ""
) -> Iterator[BufferedRWPair]:
    """A connection to "host:port"; every wait on it ends after `seconds`, that for the TLS handshake, too.

    `proxy`: the URL of the one on the way; ProxyError says what is wrong with it.
    """
    host, port = _host_and_port(address)
    with _through(proxy, address, seconds) if proxy else socket.create_connection((host, port), seconds) as connection:
        if tls is None:
            with connection.makefile("rwb") as stream:
                yield stream
        else:
            with tls.wrap_socket(connection, server_hostname=host) as encrypted, encrypted.makefile("rwb") as stream:
                yield stream


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _through(proxy: str, address: str, seconds: float) -> socket.socket:
    """A connection that the proxy has made to `address` (HTTP CONNECT)."""
    whose = f"the proxy {proxy} (ECOMKAFKA_PROXY)"
    try:
        connection = socket.create_connection(_host_and_port(proxy.removeprefix("http://")), seconds)
    except OSError as error:
        raise ProxyError(f"{whose} takes no connection ({error}): start it, or unset the variable") from error
    try:
        connection.sendall(f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        status = _head(connection)
    except TimeoutError as error:
        connection.close()
        raise ProxyError(f"{whose} answers nothing: it is frozen, or waits for {address} itself") from error
    except OSError as error:
        connection.close()
        raise ProxyError(f"{whose} closes the connection: does it reach {address}?") from error
    if " 200" not in status:
        connection.close()
        raise ProxyError(f"{whose} does not connect to {address} ({status}): ask whoever runs it")
    return connection


def _head(connection: socket.socket) -> str:
    """The first line of the answer, of which everything up to the empty line is read, and nothing of what follows."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (more := connection.recv(1)):
            raise ConnectionError("closed within the answer")
        head += more
    return head.partition(b"\r\n")[0].decode(errors="replace")[:80]


def ask(stream: BufferedRWPair, request: bytes) -> bytes:
    """The answer to `request`; struct.error if the broker closes the connection, as it does to whom it doesn't know."""
    stream.write(struct.pack(">i", len(request)) + request)
    stream.flush()
    (size,) = struct.unpack(">i", stream.read(4))
    answer = stream.read(size)
    if len(answer) != size:
        raise struct.error("the connection was closed within an answer, or it was none of Kafka's")
    return answer


def trusting_all() -> ssl.SSLContext:
    """For the question whether TLS is spoken at all: nothing is sent to a broker that was not verified."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    return anybody
