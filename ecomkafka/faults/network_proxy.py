"""A bad network on demand: a proxy on the loopback interface that loses, delays or cuts what passes through it.

Clients reach it by HTTP CONNECT (kafka-python's `proxy_url`), so every connection to every broker passes it, whatever
address the brokers advertise. Of a cluster with TLS the proxy decrypts what passes, to read the requests, and encrypts
it again; a sealed proxy reads nothing, and can only cut, delay and be silent.
"""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial

from kafka.protocol.api_key import ApiKey

from ecomkafka.clients import Cluster
from ecomkafka.faults.decrypted_side import Decryption
from ecomkafka.faults.fault_rules import Fault, Late, Rule
from ecomkafka.faults.frames import Request
from ecomkafka.faults.lossy_connection import Exchange, Link
from ecomkafka.faults.sealed_connection import SealedLink

__all__ = ["Exchange", "Fault", "Proxy", "Rule"]


class Proxy:
    """A proxy for the clients of the cluster that `through` returns; use it in a `with` block."""

    def __init__(self, sealed: bool = False) -> None:
        self.answered: Counter[ApiKey] = Counter()
        """Answers that have passed, by kind of request."""
        self._watchers: list[list[Exchange]] = []
        self._taps: list[bytearray] = []
        self._sealed = sealed
        self._tls: Decryption | None = None
        self.refused = 0
        """Connections that were not let in."""
        self.delay = 0.0
        """Seconds by which each answer is late."""
        self._rules: list[Rule] = []
        self._late: list[Late] = []
        self._lock = threading.Lock()
        self._links: set[Link | SealedLink] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open, self._refusing = True, False
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def through(self, cluster: Cluster) -> Cluster:
        """The same cluster, reached through this proxy; who encrypts as far as the proxy says `Decryption`."""
        if self._sealed or not cluster.access.tls:
            return replace(cluster, proxy=self.url)
        self._tls = Decryption(cluster, self._start)
        return replace(self._tls.cluster, proxy=self.url)

    def on(self, api: ApiKey, fault: Fault, times: int = 1, later: int = 1) -> Rule:
        """Let the next `times` requests of this kind suffer `fault`."""
        rule = Rule(api, fault, times, later)
        with self._lock:
            self._rules.append(rule)
        return rule

    def heal(self) -> None:
        """Remove all rules. Delayed requests still arrive."""
        with self._lock:
            self._rules.clear()

    def cut(self) -> None:
        """Close all open connections; new ones are accepted."""
        with self._lock:
            links = list(self._links)
        for link in links:
            link.close()

    def half_open(self) -> None:
        """Let all open connections stay open and pass nothing any more; new ones work."""
        with self._lock:
            for link in self._links:
                link.silent = True

    @contextmanager
    def down(self) -> Iterator[None]:
        """Close all connections and accept none during the block."""
        self._refusing = True
        self.cut()
        try:
            yield
        finally:
            self._refusing = False

    def rule_for(self, request: Request, whose: str | None) -> Rule | None:
        """The rule for a request that has just arrived. Only a transaction's requests can be late."""
        with self._lock:
            for rule in self._rules:
                if rule.api is request.api and rule.times and (whose or rule.fault is not Fault.LATE_REQUEST):
                    rule.times -= 1
                    rule.happened.set()
                    return rule
        return None

    @contextmanager
    def watched(self) -> Iterator[list[Exchange]]:
        """The requests that are answered meanwhile, in the order of their answers."""
        seen: list[Exchange] = []
        self._watchers.append(seen)
        try:
            yield seen
        finally:
            self._watchers = [other for other in self._watchers if other is not seen]

    def exchanged(self, exchange: Exchange) -> None:
        """An answer passes."""
        self.answered[exchange.api] += 1
        for seen in self._watchers:
            seen.append(exchange)

    @contextmanager
    def tapped(self) -> Iterator[bytearray]:
        """Every byte that passes meanwhile, of a sealed proxy: what somebody on the network could read."""
        heard = bytearray()
        self._taps.append(heard)
        try:
            yield heard
        finally:
            self._taps = [other for other in self._taps if other is not heard]

    def overheard(self, data: bytes) -> None:
        for heard in self._taps:
            heard.extend(data)

    @property
    def counts(self) -> bool:
        """Whether transactional ids matter at present: reading them takes time."""
        with self._lock:
            return bool(self._late) or any(rule.fault is Fault.LATE_REQUEST for rule in self._rules)

    def hold(self, late: Late) -> None:
        with self._lock:
            self._late.append(late)

    def passed(self, whose: str | None) -> None:
        """The broker has answered a request of this transactional id; what was to come after it comes now."""
        with self._lock:
            for late in self._late:
                late.left -= late.whose == whose
            due = [late for late in self._late if late.left <= 0]
            self._late = [late for late in self._late if late.left > 0]
        for late in due:
            late.send()

    def close(self) -> None:
        self._open = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(5.0)

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name="proxy", daemon=True)
        with self._lock:
            self._threads = [other for other in self._threads if other.is_alive()] + [thread]
            thread.start()

    def _accept(self) -> None:
        while self._open:
            with suppress(OSError):  # the listener is closed
                client, _ = self._listener.accept()
                _at_once(client)
                self._start(partial(self._link, client))

    def _link(self, client: socket.socket) -> None:
        """Run each connection in a thread of its own: a client that is frozen during CONNECT blocks no other."""
        with ExitStack() as refused:
            refused.callback(client.close)
            try:
                broker = refused.enter_context(self._connect(*_target(client)))
                if self._refusing:
                    self.refused += 1
                    return
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                if self._tls:
                    client = self._tls.client_end(client)
            except OSError:  # the broker or the client is away
                return
            refused.pop_all()
        link = SealedLink(self, client, broker) if self._sealed else Link(self, client, broker)
        with self._lock:
            self._links.add(link)
        if self._refusing or not self._open:
            link.close()
        self._start(link.answers)
        link.requests()

    def _connect(self, host: str, port: int) -> socket.socket:
        broker = socket.create_connection((host, port), 5.0)
        _at_once(broker)
        return self._tls.broker_end(broker, host) if self._tls else broker

    def forget(self, link: Link | SealedLink) -> None:
        with self._lock:
            self._links.discard(link)


def _at_once(connection: socket.socket) -> None:
    """Send each frame when it is written, as Kafka does. Else the second of two short ones waits some 40 ms."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _target(client: socket.socket) -> tuple[str, int]:
    """Of "CONNECT host:port HTTP/1.1" and its headers; OSError if it is something else."""
    client.settimeout(5.0)
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        if not (more := client.recv(4096)):
            raise ConnectionError("the client left before it said where to")
        request += more
    client.settimeout(None)
    host, _, port = request.split()[1].decode().rpartition(":")
    return host, int(port)
