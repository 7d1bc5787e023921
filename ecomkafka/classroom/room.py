"""The classroom's broker: it asks for accounts, and runs on after the command that starts it has ended."""

import secrets
import socket
from dataclasses import asdict
from datetime import datetime
from ipaddress import ip_address

from ecomkafka.broker import shared
from ecomkafka.broker.class_archive import prepared
from ecomkafka.broker.cluster_nodes import read_nodes, start_nodes
from ecomkafka.broker.node import Node, stop_all
from ecomkafka.broker.security.accounts import LOCALHOST, Accounts, let_admin_in
from ecomkafka.broker.security.certificates import Authority
from ecomkafka.broker.security.renewal import renew
from ecomkafka.classroom.results_topic import create_list
from ecomkafka.clients import Cluster
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.home import home
from ecomkafka.machine.private_files import write_private
from ecomkafka.machine.progress_bar import Report

_TOPIC_BYTES = 268_435_456
"""An endless producer throws away its own beginning, and does not fill the disk of all."""


class ClosedError(RuntimeError):
    """No room is open here."""


class Room:
    """The room of this machine's home folder. What it knows lies in `classroom` there, for no other user to read."""

    def __init__(self) -> None:
        self.directory = home() / "classroom"
        self._password, self._host = self.directory / "admin", self.directory / "host"
        self._authority = Authority(self.directory / "tls")

    def start(self, host: str = LOCALHOST, progress: Report | None = None, tls: bool = False) -> Cluster:
        """Start the broker unless it runs, on its data; returns the teacher's view of it.

        `host`: the address of this machine at which the students reach it. At another one than loopback all is
        encrypted, and with `tls` there as well. Raises ValueError for an address that is not this machine's,
        BrokerError if the broker can't start or runs in another way.
        """
        _check(host)
        self.directory.mkdir(mode=0o700, exist_ok=True)
        encrypted = tls or must_encrypt(host)
        with shared.lock():
            if (running := self._running()) and (self._accounts().host, self.encrypts) != (host, encrypted):
                how = "with TLS" if self.encrypts else "without TLS"
                raise BrokerError(f"the room is open at {running.address} {how}: close it to open it in another way")
            if not self._password.exists():
                write_private(self._password, secrets.token_urlsafe())
            write_private(self._host, f"{host} tls" if encrypted else host)
            accounts = self._accounts()
            (node,) = start_nodes(self.directory, 1, prepared(progress), accounts)
            let_admin_in([node.address], accounts)
            cluster = self.cluster()
            create_list(cluster)
            return cluster

    def stop(self) -> bool:
        """Stop the broker; False if none ran. Accounts and topics stay."""
        with shared.lock():
            running = self._running()
            stop_all([running] if running else [])
            return running is not None

    def status(self) -> str | None:
        """The address for the students, "host:port", or None if the room is closed."""
        running = self._running()
        return running.address if running else None

    @property
    def encrypts(self) -> bool:
        """Whether it was opened with TLS."""
        return self._host.read_text(encoding="utf-8").endswith(" tls")

    @property
    def node(self) -> Node:
        """The broker; ClosedError if the room is closed."""
        if (node := self._running()) is None:
            raise ClosedError("no classroom is open here: run 'ecomkafka classroom start' first")
        return node

    def cluster(self) -> Cluster:
        """The cluster as ADMIN sees it, who may do all; ClosedError if the room is closed."""
        return Cluster((self.node.address,), **asdict(self.node.access))

    def renew(self) -> datetime:
        """A new certificate, without a restart; returns its end. Raises BrokerError for a room without TLS."""
        node = self.node
        if node.valid_until is None:
            raise BrokerError("the room was opened without TLS and has no certificate: nothing is to be renewed")
        renew(node, self.cluster())
        return node.valid_until

    def _running(self) -> Node | None:
        if not self._host.exists():
            return None
        return next((node for node in read_nodes(self.directory, self._accounts()) if node.process), None)

    def _accounts(self) -> Accounts:
        host = self._host.read_text(encoding="utf-8").removesuffix(" tls")
        authority = self._authority.create() if self.encrypts else None
        return Accounts(host, self._password.read_text(encoding="utf-8"), authority, _TOPIC_BYTES)


def _check(host: str) -> None:
    """A broker tells its clients this address, so it has to be a real one, of this machine."""
    try:
        if host == "0.0.0.0":
            raise OSError("stands for all addresses, and clients can't be told it")
        socket.create_server((host, 0)).close()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(
            f"host {host!r:.80}: {reason}; an address of this machine that the students can reach is needed"
        ) from error


def must_encrypt(host: str) -> bool:
    """At every address that others can reach."""
    return not ip_address(socket.gethostbyname(host)).is_loopback
