"""Free ports on the loopback interface."""

import random
import socket
from contextlib import ExitStack

from ecomkafka.machine.errors import BrokerError

_RANGE = range(21_000, 31_000)
"""Below the ports that systems give to clients: one that knocks at a dead broker must not get its port."""


def is_free(port: int) -> bool:
    """Whether a broker could listen on the port now."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Different free ports. Raises BrokerError if there are not enough."""
    with ExitStack() as held:
        found: list[int] = []
        for port in random.sample(_RANGE, len(_RANGE)):
            try:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise BrokerError(f"fewer than {count} ports of 21000 to 30999 are free on 127.0.0.1: end what uses them")
