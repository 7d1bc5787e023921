"""How this process gets into a cluster: account and certificates, where they are valid, and which names belong to whom.

They come from the variables ECOMKAFKA_USER, _PASSWORD, _MECHANISM, _CA and _CERTIFICATE, or from one file
(ECOMKAFKA_ACCOUNT), and belong to the cluster of ECOMKAFKA_BOOTSTRAP. A broker that the package itself has started is
remembered with its own.
"""

import os
import re
import ssl
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ecomkafka.clients.access import tls

ADMIN = "admin"
"""Of an embedded broker or a classroom: has rights to all names, so none is put before them."""

SCRAM = "SCRAM-SHA-256"
MECHANISMS = (SCRAM, "SCRAM-SHA-512", "PLAIN")

_VARIABLES = ("BOOTSTRAP", "USER", "PASSWORD", "MECHANISM", "CA", "CERTIFICATE")


@dataclass(frozen=True)
class Access:
    """What a client needs to get in; empty where the cluster does not ask for it."""

    user: str = ""
    password: str = field(default="", repr=False)
    mechanism: str = SCRAM
    ca: str = ""
    """The CA of the cluster's certificates, as `access/tls.py` takes it; "": the connection is not encrypted."""
    certificate: str = ""
    """The client's own certificate and key, for a cluster that asks for one (mutual TLS)."""

    @property
    def tls(self) -> bool:
        """Whether the connections are encrypted."""
        return bool(self.ca or self.certificate)

    def tls_context(self) -> ssl.SSLContext:
        """Raises ValueError where a file is missing, or is of another kind."""
        return tls.context(self.ca, self.certificate)

    def check(self) -> None:
        """Raises ValueError for what can't be used."""
        if self.user and not self.password:
            raise ValueError(f"user {self.user!r} has no password: set ECOMKAFKA_PASSWORD")
        if self.mechanism not in MECHANISMS:
            allowed = ", ".join(MECHANISMS)
            raise ValueError(f"mechanism {self.mechanism!r:.80} (ECOMKAFKA_MECHANISM): {allowed} are allowed")
        if self.tls:
            self.tls_context()

    @property
    def protocol(self) -> str:
        """SASL where there is a user, SSL where there is a CA, both or neither."""
        return ("SASL_" if self.user else "") + ("SSL" if self.tls else "PLAINTEXT")

    def client_settings(self) -> dict[str, Any]:
        """kafka-python's."""
        settings: dict[str, Any] = {"security_protocol": self.protocol}
        if self.user:
            account = {"sasl_plain_username": self.user, "sasl_plain_password": self.password}
            settings |= {"sasl_mechanism": self.mechanism, **account}
        return settings | ({"ssl_context": self.tls_context()} if self.tls else {})

    def variables(self) -> dict[str, str]:
        """The environment variables that say the same."""
        return {f"ECOMKAFKA_{name.upper()}": value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class External:
    """Somebody else's cluster, as the variables name it; `bootstrap` is empty where they name none."""

    bootstrap: tuple[str, ...]
    access: Access
    proxy: str
    """The URL of an HTTP proxy on the way; "": none."""


def external() -> External:
    """The cluster of ECOMKAFKA_BOOTSTRAP; where that is not set, the one in the file ECOMKAFKA_ACCOUNT.

    Raises ValueError for a file that can't be read.
    """
    values = {name: os.environ.get(f"ECOMKAFKA_{name}", "").strip() for name in _VARIABLES}
    file = os.environ.get("ECOMKAFKA_ACCOUNT", "").strip()
    if file and not values["BOOTSTRAP"]:
        values = _read(Path(file).expanduser())
    addresses = tuple(address.strip() for address in values["BOOTSTRAP"].split(",") if address.strip())
    mechanism = values["MECHANISM"] or SCRAM
    access = Access(values["USER"], values["PASSWORD"], mechanism, values["CA"], values["CERTIFICATE"])
    return External(addresses, access, os.environ.get("ECOMKAFKA_PROXY", "").strip())


def account_file(values: Mapping[str, str]) -> str:
    """The text of a file for ECOMKAFKA_ACCOUNT; `values` by the names of the variables, without ECOMKAFKA_."""
    lines = (f'{name.lower()} = """{value}"""\n' for name, value in values.items() if value)
    return "# The variable ECOMKAFKA_ACCOUNT has to name this file. The password is in it: keep it to yourself.\n" + (
        "".join(lines)
    )


def _read(file: Path) -> dict[str, str]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            f"ECOMKAFKA_ACCOUNT: {file} can't be read ({error.strerror}): name the file you got"
        ) from error
    except ValueError as error:
        raise ValueError(f"ECOMKAFKA_ACCOUNT: {file} is damaged ({error}): ask for the file again") from error
    values = {name: str(found.get(name.lower(), "")).strip() for name in _VARIABLES}
    if not values["BOOTSTRAP"]:
        raise ValueError(f"ECOMKAFKA_ACCOUNT: {file} has no 'bootstrap': ask for the file again")
    return values


_started: dict[str, Access] = {}
"""By address: the brokers that this process has started, or found running in its home."""


def remember(addresses: Collection[str], access: Access) -> None:
    """Let the clients of this process get into a broker of its own."""
    _started.update(dict.fromkeys(addresses, access))


def forget(addresses: Collection[str]) -> None:
    for address in addresses:
        _started.pop(address, None)


def access_to(addresses: Collection[str]) -> Access:
    """What the cluster at `addresses` asks for. No other cluster gets the password of ECOMKAFKA_BOOTSTRAP."""
    found = external()
    if set(found.bootstrap).issuperset(addresses):
        return found.access
    return next((access for address, access in _started.items() if address in addresses), Access())


def proxy_to(addresses: Collection[str]) -> str:
    """The proxy on the way to `addresses`: that of ECOMKAFKA_BOOTSTRAP's cluster, and of no other."""
    found = external()
    return found.proxy if set(found.bootstrap).issuperset(addresses) else ""


def check_proxy(proxy: str) -> None:
    """Raises ValueError for what can't be used."""
    if proxy and not re.fullmatch(r"http://[^\s/]+:\d{1,5}", proxy):
        raise ValueError(f"proxy {proxy!r:.80}: 'http://host:port' is needed")


def own(user: str, namespace: str) -> str:
    """The namespace with the user's name as its prefix: an account has rights to nothing else."""
    if user in ("", ADMIN) or namespace == user or namespace.startswith(f"{user}."):
        return namespace
    return f"{user}.{namespace}" if namespace else user
