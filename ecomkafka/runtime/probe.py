"""Ask a broker, without a client, whether it answers."""

import socket
import struct

_METADATA_V1 = struct.pack(">hhihi", 3, 1, 0, -1, 0)  # key, version, correlation, no client id, no topics


def live_brokers(address: str, timeout: float = 1.0) -> set[int]:
    """The ids of the brokers that the one at `address` ("host:port") knows to live; empty if it does not answer."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout) as connection:
            connection.sendall(struct.pack(">i", len(_METADATA_V1)) + _METADATA_V1)
            with connection.makefile("rb") as stream:
                (size,) = struct.unpack(">i", stream.read(4))
                return _ids(stream.read(size))
    except (OSError, struct.error):
        return set()


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
