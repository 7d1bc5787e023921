"""A port at which something is offered to others, and the sentence for one that can't be had."""

import errno
import os
import socket


def listener(host: str, port: int, to_do: str) -> socket.socket:
    """A socket that listens at `port` of the address `host`; RuntimeError if it can't, with `to_do` for the port."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=socket.SOMAXCONN)
    except OSError as error:
        raise refused(host, port, error, to_do) from error


def refused(host: str, port: int, error: OSError, to_do: str) -> RuntimeError:
    """The error of whoever could not listen there: it may be the address that is wrong, and not the port."""
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror  # `create_server` says more
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return RuntimeError(
            f"{host} is no address of this machine ({why}): set ECOMKAFKA_LISTEN to one that is, or unset it"
        )
    return RuntimeError(f"port {port} of {host} can't be used ({why}): {to_do}")


def in_url(host: str) -> str:
    """An address as URLs have it: with brackets if it is of IPv6."""
    return f"[{host}]" if ":" in host else host
