"""What can be set from outside, by environment variables: checked before anything starts, named in every complaint."""

import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from ecomkafka.clients import Cluster
from ecomkafka.clients.access import account
from ecomkafka.clients.access.account import SCRAM, check_proxy, own
from ecomkafka.clients.profiles import DEVELOPMENT, check_profile
from ecomkafka.gateways.mail import Mailer
from ecomkafka.machine.home import home

_T = TypeVar("_T")

LOOPBACK = "127.0.0.1"
_DATABASE = re.compile(
    r"sqlite://(/.*)?|postgresql(\+psycopg)?://([^:/]*(:[^@]*)?@)?(\[[^/?]+\]|[^/:?]+)?(:\d*)?(/.*|\?.*)?"
)
"""As SQLAlchemy reads them, which takes long to load."""
_LAST_PORT = 65_530
"""Every service has the next one."""


class SettingError(ValueError):
    """A variable's value can't be used; the text names both and says what is allowed."""


@dataclass(frozen=True)
class Settings:
    """The variables ECOMKAFKA_HOME, _BOOTSTRAP, _NAMESPACE, _PROFILE, … : one a field."""

    home: Path
    """The folder of broker data, logs, mailbox and databases."""
    bootstrap: tuple[str, ...]
    """An existing cluster's addresses; empty: the embedded broker."""
    namespace: str
    """The prefix of all topics and groups; "": none. A user's lies below the user's name."""
    profile: str
    """How topics are laid out and producers set, one of PROFILES."""
    proxy: str
    """The URL of an HTTP proxy on the way to Kafka; "": none."""
    smtp: str
    """A mail server's "host:port"; "": one of our own, which keeps its mail in `mailbox`."""
    sql: str
    """The read model's database, as SQLAlchemy writes its URL."""
    payments: Path
    """The payment ledger."""
    metrics: int = 0
    """The first of the ports at which the services show metrics, one a service; 0: none does."""
    listen: str = LOOPBACK
    """The address at which gateway and metrics are offered."""
    user: str = ""
    """The account on the existing cluster; "": it asks for none."""
    password: str = field(default="", repr=False)
    mechanism: str = SCRAM
    """How it logs in."""
    ca: str = field(default="", repr=False)
    """The CA of the existing cluster's certificates; "": nothing is encrypted."""
    certificate: str = ""
    """The client's own certificate and key (mutual TLS)."""
    account: str = ""
    """A file with all of these, as `classroom add` makes it, instead of the variables."""

    @classmethod
    def read(cls, namespace: str | None = None) -> "Settings":
        """The settings as they are now; `namespace`, if given, goes before the variable.

        Raises SettingError, or BrokerError for HOME.
        """
        folder = home()
        there = _external()
        chosen = _variable("NAMESPACE", _namespace, "") if namespace is None else _namespace(namespace)
        return cls(
            home=folder,
            bootstrap=there.bootstrap,
            namespace=own(there.access.user, chosen),
            profile=_variable("PROFILE", check_profile, DEVELOPMENT),
            proxy=_variable("PROXY", _proxy, ""),
            smtp=_variable("SMTP", _mail_server, ""),
            sql=_variable("SQL", _url, sqlite_url(folder / "orders.sqlite")),
            payments=_variable("PAYMENTS", _file, folder / "payments.sqlite"),
            metrics=_variable("METRICS", _port, 0),
            listen=_variable("LISTEN", _address, LOOPBACK),
            account=_variable("ACCOUNT", str, ""),
            **asdict(there.access),
        )

    @property
    def mailbox(self) -> Path:
        """The folder of the embedded mail server's mail."""
        return self.home / "mailbox"

    @property
    def external(self) -> bool:
        """Whether Kafka is somebody else's: then it is neither started nor stopped."""
        return bool(self.bootstrap)


def sqlite_url(file: Path) -> str:
    """The URL of a database in a file of any name."""
    return f"sqlite:///{quote(file.as_posix(), safe='/:')}"


def _variable(name: str, parse: Callable[[str], _T], default: _T) -> _T:
    """The value of ECOMKAFKA_`name`; an empty one counts as not set, since compose files can't unset."""
    text = os.environ.get(f"ECOMKAFKA_{name}", "").strip()
    if not text:
        return default
    try:
        return parse(text)
    except ValueError as error:
        raise SettingError(f"ECOMKAFKA_{name}: {error}") from error


def _external() -> account.External:
    """The existing cluster and its account; without addresses where none is named."""
    try:
        found = account.external()
    except ValueError as error:
        raise SettingError(str(error)) from error
    access = found.access
    _variable("PROXY", _proxy, "")
    _variable("USER", _namespace, "")
    for name, value in (("BOOTSTRAP", found.bootstrap), ("PASSWORD", access.password)):
        if access.user and not value:
            raise SettingError(f"ECOMKAFKA_USER: {access.user!r} needs ECOMKAFKA_{name} as well, and it is not set")
    if found.bootstrap:
        try:
            Cluster(found.bootstrap, **asdict(access))
        except ValueError as error:
            raise SettingError(f"ECOMKAFKA_BOOTSTRAP: {error}") from error
    return found


def _namespace(text: str) -> str:
    return Cluster.of("localhost:9092", text).namespace


def _proxy(text: str) -> str:
    check_proxy(text)
    return text


def _mail_server(text: str) -> str:
    Mailer.of(text)
    return text


def _url(text: str) -> str:
    if not _DATABASE.fullmatch(text):
        shown = re.sub(r"//([^:@/]*):[^@]*@", r"//\1:***@", text)
        allowed = "'sqlite:///orders.db' or 'postgresql+psycopg://user:password@host/database'"
        raise ValueError(f"database url {shown!r:.80}: {allowed} is needed")
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _LAST_PORT:
        raise ValueError(f"metrics {text!r:.80}: a port from 1 to {_LAST_PORT:,} is needed, for example 9101")
    return int(text)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError(f"listen {text!r:.80}: an address of this machine is needed, for example {LOOPBACK}") from None


def _file(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"payment ledger {text!r:.80}: a file in a folder that exists is needed")
    return path
