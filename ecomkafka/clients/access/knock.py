"""Knocking at a broker over a plain socket: single requests, each with a time limit."""

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


@contextmanager
def connected(address: str, seconds: float, tls: ssl.SSLContext | None = None) -> Iterator[BufferedRWPair]:
    """A connection to "host:port"; every wait on it ends after `seconds`, that for the TLS handshake, too."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    with socket.create_connection((host, int(port)), seconds) as connection:
        if tls is None:
            with connection.makefile("rwb") as stream:
                yield stream
        else:
            with tls.wrap_socket(connection, server_hostname=host) as encrypted, encrypted.makefile("rwb") as stream:
                yield stream


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
