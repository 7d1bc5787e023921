"""A probe: whether a broker answers, asked over a plain socket."""

import socket
import struct
from io import BufferedRWPair

_METADATA_V1 = struct.pack(">hhihi", 3, 1, 0, -1, 0)  # key, version, correlation, no client id, no topics
_SASL_HANDSHAKE_V1 = struct.pack(">hhihh5s", 17, 1, 0, -1, 5, b"PLAIN")


def live_brokers(address: str, timeout: float = 1.0, login: tuple[str, str] | None = None) -> set[int]:
    """The ids of the live brokers, as the one at `address` ("host:port") knows them; empty without an answer.

    `login`: user and password where it asks for them (SASL PLAIN).
    """
    host, _, port = address.rpartition(":")
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), timeout) as connection,
            connection.makefile("rwb") as stream,
        ):
            if login:
                token = "".join(f"\0{part}" for part in login).encode()
                _ask(stream, _SASL_HANDSHAKE_V1)
                _ask(stream, struct.pack(">hhihi", 36, 0, 0, -1, len(token)) + token)  # SaslAuthenticate
            return _ids(_ask(stream, _METADATA_V1))
    except (OSError, struct.error):
        return set()


def _ask(stream: BufferedRWPair, request: bytes) -> bytes:
    """The answer to `request`; struct.error if the broker closes the connection, as it does to whom it doesn't know."""
    stream.write(struct.pack(">i", len(request)) + request)
    stream.flush()
    (size,) = struct.unpack(">i", stream.read(4))
    return stream.read(size)


def _ids(answer: bytes) -> set[int]:
    """Of a Metadata response: correlation id, then an array of node id, host, port and rack (-1: none)."""
    (count,) = struct.unpack_from(">i", answer, 4)
    position, ids = 8, set()
    for _ in range(count):
        node, host = struct.unpack_from(">ih", answer, position)
        ids.add(node)
        position += 10 + host
        (rack,) = struct.unpack_from(">h", answer, position)
        position += 2 + max(0, rack)
    return ids
