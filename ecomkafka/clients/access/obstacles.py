"""Why a client does not get into a cluster: found by knocking at it once more, said in one sentence with its cure.

To kafka-python a wrong certificate, a missing account and a dead broker are the same: nobody answers.
"""

import ssl
import struct
from collections.abc import Collection
from contextlib import AbstractContextManager
from io import BufferedRWPair
from typing import NamedTuple

from ecomkafka.clients.access import knock
from ecomkafka.clients.access.account import Access

_SECONDS = 1.0
"""The client has waited for 3 s before."""

_TOO_OLD, _WRONG_HOST, _WRONG_ADDRESS = 10, 62, 64
"""OpenSSL's numbers (X509_V_ERR_…)."""

_UNSUPPORTED_MECHANISM, _ILLEGAL_SASL_STATE = 33, 34
"""Kafka's error codes."""


class _Door(NamedTuple):
    address: str
    proxy: str

    def opened(self, tls: ssl.SSLContext | None = None) -> AbstractContextManager[BufferedRWPair]:
        return knock.connected(self.address, _SECONDS, tls, self.proxy)


def obstacle(addresses: Collection[str], access: Access, proxy: str = "") -> str:
    """What is in the way, and what to do; "" if nobody listens at any of the addresses."""
    return next(filter(None, (_at(access, _Door(address, proxy)) for address in addresses)), "")


def _at(access: Access, door: _Door) -> str:
    at = f"Kafka at {door.address}"
    try:
        return _over_tls(access, door, at) if access.tls else _in_plain(access, door, at)
    except ssl.SSLCertVerificationError as error:
        return _of_certificate(error, at)
    except knock.ProxyError as error:
        return str(error)
    except TimeoutError:
        return (
            f"{at} accepts connections and answers nothing: it is frozen, overloaded, or no Kafka; "
            "look at its log and start it again"
        )
    except (OSError, ValueError):
        return ""


def _over_tls(access: Access, door: _Door, at: str) -> str:
    try:
        with door.opened(access.tls_context()) as broker:
            return _of_account(access, broker, at)
    except (ssl.SSLCertVerificationError, knock.ProxyError, TimeoutError):
        raise
    except (OSError, struct.error) as error:
        if _speaks_plainly(door):
            return f"{at} does not encrypt, and this client does: unset ECOMKAFKA_CA and ECOMKAFKA_CERTIFICATE"
        if isinstance(error, ConnectionRefusedError):
            return ""
        reason = getattr(error, "reason", None) or "it closes the connection"
        if "CERTIFICATE_REQUIRED" in str(reason) or not access.certificate:
            return (
                f"{at} wants the client's own certificate ({reason}): let ECOMKAFKA_CERTIFICATE name a PEM file "
                "with your key and certificate"
            )
        return (
            f"{at} refuses the TLS handshake ({reason}): is the certificate of ECOMKAFKA_CERTIFICATE one of its CA's?"
        )


def _in_plain(access: Access, door: _Door, at: str) -> str:
    try:
        with door.opened() as broker:
            return _of_account(access, broker, at)
    except struct.error:
        if _speaks_tls(door):
            return f"{at} encrypts (TLS), and this client does not: let ECOMKAFKA_CA name its CA's file"
        return f"{at} closes every connection: is it a Kafka broker?"


def _of_account(access: Access, broker: BufferedRWPair, at: str) -> str:
    knock.ask(broker, knock.API_VERSIONS)  # answered before any login
    if not access.user:
        try:
            knock.ask(broker, knock.METADATA)
        except (struct.error, ConnectionError):
            return f"{at} asks for an account: set ECOMKAFKA_USER and ECOMKAFKA_PASSWORD"
        return ""
    _, code, count = struct.unpack_from(">ihi", knock.ask(broker, knock.sasl_handshake(access.mechanism)))
    if code == _ILLEGAL_SASL_STATE:
        return f"{at} has no accounts: unset ECOMKAFKA_USER and ECOMKAFKA_PASSWORD"
    if code == _UNSUPPORTED_MECHANISM:
        return f"{at} does not log in by {access.mechanism}: set ECOMKAFKA_MECHANISM to what it offers ({count} ways)"
    return ""


def _of_certificate(error: ssl.SSLCertVerificationError, at: str) -> str:
    if error.verify_code == _TOO_OLD:
        return (
            f"{at} shows a certificate that has expired: whoever runs it has to renew it (in a classroom: "
            "'ecomkafka classroom renew'), or this machine's clock is wrong"
        )
    if error.verify_code in (_WRONG_HOST, _WRONG_ADDRESS):
        return (
            f"{at} shows a certificate of another host ({error.verify_message.rstrip('.')}): use the name that the "
            "certificate is for in ECOMKAFKA_BOOTSTRAP, or have one made for this name"
        )
    return (
        f"{at} shows a certificate that the CA of ECOMKAFKA_CA has not signed ({error.verify_message}): "
        "ask whoever runs the cluster for its CA's file"
    )


def _speaks_plainly(door: _Door) -> bool:
    try:
        with door.opened() as broker:
            return len(knock.ask(broker, knock.API_VERSIONS)) > 4
    except (OSError, struct.error):
        return False


def _speaks_tls(door: _Door) -> bool:
    try:
        with door.opened(knock.trusting_all()):
            return True
    except OSError:
        return False
