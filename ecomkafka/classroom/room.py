"""The classroom's broker: it asks for accounts, and runs on after the command that starts it has ended."""

import secrets
import socket
from contextlib import closing

from ecomkafka.broker import shared
from ecomkafka.broker.class_archive import prepared
from ecomkafka.broker.cluster_nodes import read_nodes, start_nodes
from ecomkafka.broker.node import Node, stop_all
from ecomkafka.broker.security import ADMIN, Accounts, write_private
from ecomkafka.classroom.passwords import set_passwords
from ecomkafka.classroom.results_topic import create_list
from ecomkafka.clients import Cluster
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.home import home
from ecomkafka.machine.progress_bar import Report

LOCALHOST = "127.0.0.1"


class ClosedError(RuntimeError):
    """No room is open here."""


class Room:
    """The room of this machine's home folder. What it knows lies in `classroom` there, for no other user to read."""

    def __init__(self) -> None:
        self.directory = home() / "classroom"
        self._password, self._host = self.directory / "admin", self.directory / "host"

    def start(self, host: str = LOCALHOST, progress: Report | None = None) -> Cluster:
        """Start the broker unless it runs, on its data; returns the teacher's view of it.

        `host`: the address of this machine at which the students reach it. Raises ValueError for one that is not,
        BrokerError if the broker can't start or runs at another one.
        """
        _check(host)
        self.directory.mkdir(mode=0o700, exist_ok=True)
        with shared.lock():
            if (running := self._running()) and self._accounts().host != host:
                raise BrokerError(f"the room is open at {running.address}: close it to open it at {host}")
            if not self._password.exists():
                write_private(self._password, secrets.token_urlsafe())
            write_private(self._host, host)
            accounts = self._accounts()
            (node,) = start_nodes(self.directory, 1, prepared(progress), accounts)
            _let_admin_in(node.address, accounts)
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

    def cluster(self) -> Cluster:
        """The cluster as ADMIN sees it, who may do all; ClosedError if the room is closed."""
        if (address := self.status()) is None:
            raise ClosedError("no classroom is open here: run 'ecomkafka classroom start' first")
        return Cluster((address,), user=ADMIN, password=self._accounts().password)

    def _running(self) -> Node | None:
        if not self._host.exists():
            return None
        return next((node for node in read_nodes(self.directory, self._accounts()) if node.process), None)

    def _accounts(self) -> Accounts:
        return Accounts(self._host.read_text(encoding="utf-8"), self._password.read_text(encoding="utf-8"))


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


def _let_admin_in(address: str, accounts: Accounts) -> None:
    """Give ADMIN an account as everybody has one. The storage tool would too, but takes the password as an argument."""
    user, password = accounts.login
    login = {"sasl_plain_username": user, "sasl_plain_password": password}
    plain = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN"} | login
    with closing(Cluster((address,)).admin(**plain)) as admin:
        set_passwords(admin, {user: password})
