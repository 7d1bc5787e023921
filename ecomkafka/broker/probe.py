"""A probe: whether a broker answers, asked over a plain socket."""

import ssl
import struct

from ecomkafka.clients.access import knock


def live_brokers(
    address: str,
    timeout: float = 1.0,
    login: tuple[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    proxy: str = "",
) -> set[int]:
    """The ids of the live brokers, as the one at `address` ("host:port") knows them; empty without an answer.

    `login`: user and password where it asks for them (SASL PLAIN). `tls`: whom to trust, where it encrypts. `proxy`:
    the URL of the one on the way.
    """
    try:
        with knock.connected(address, timeout, tls, proxy) as broker:
            if login:
                token = "".join(f"\0{part}" for part in login).encode()
                knock.ask(broker, knock.sasl_handshake("PLAIN"))
                knock.ask(broker, struct.pack(">hhihi", 36, 0, 0, -1, len(token)) + token)  # SaslAuthenticate
            return _ids(knock.ask(broker, knock.METADATA))
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
