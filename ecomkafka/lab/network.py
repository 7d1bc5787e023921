"""A bad network on demand: a proxy on the loopback that knows Kafka's frames and can lose requests, lose answers, or
cut.

Clients reach it by HTTP CONNECT (kafka-python's `proxy_url`), so every connection to every broker passes it, whatever
address the brokers advertise. A frame is a length (4 bytes) and then, in a request, api key, api version and
correlation id; an answer begins with the correlation id of its request
(https://kafka.apache.org/protocol.html#protocol_messages).
"""

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial

from kafka.protocol.api_key import ApiKey

from ecomkafka.runtime.clients import Cluster


class Fault(Enum):
    """What happens to a request."""

    LOSE_REQUEST = "the broker never sees it, the connection is cut"
    SWALLOW_REQUEST = "the broker never sees it, the connection stays and is silent about it"
    LOSE_ANSWER = "the broker does it, then the connection is cut"
    SWALLOW_ANSWER = "the broker does it, the connection stays and is silent about it"


@dataclass
class Rule:
    """The next `times` requests of this kind suffer `fault`. `happened` is set at the first."""

    api: ApiKey
    fault: Fault
    times: int
    happened: threading.Event = field(default_factory=threading.Event)


class Proxy:
    """All connections of the clients that `through` makes; use it in a `with` block."""

    def __init__(self) -> None:
        self.answered: Counter[ApiKey] = Counter()
        """Answers that have passed, by kind of request."""
        self.refused = 0
        """Connections that were not let in."""
        self.delay = 0.0
        """Seconds by which each answer is late."""
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._links: set[_Link] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open, self._refusing = True, False
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def through(self, cluster: Cluster) -> Cluster:
        """The same cluster, reached through this proxy."""
        return replace(cluster, proxy=self.url)

    def on(self, api: ApiKey, fault: Fault, times: int = 1) -> Rule:
        """From now on: the next `times` requests of this kind suffer `fault`."""
        rule = Rule(api, fault, times)
        with self._lock:
            self._rules.append(rule)
        return rule

    def heal(self) -> None:
        """Forget all rules."""
        with self._lock:
            self._rules.clear()

    def cut(self) -> None:
        """End all connections that are open now; new ones are let in."""
        with self._lock:
            links = list(self._links)
        for link in links:
            link.close()

    def half_open(self) -> None:
        """All connections that are open now stay open, and nothing passes them any more; new ones are well."""
        with self._lock:
            for link in self._links:
                link.silent = True

    @contextmanager
    def down(self) -> Iterator[None]:
        """For a while no connection lives and none is let in."""
        self._refusing = True
        self.cut()
        try:
            yield
        finally:
            self._refusing = False

    def fault_of(self, api: ApiKey) -> Fault | None:
        """What is to happen to a request that came in just now."""
        with self._lock:
            for rule in self._rules:
                if rule.api is api and rule.times:
                    rule.times -= 1
                    rule.happened.set()
                    return rule.fault
        return None

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
                self._start(partial(self._link, client))

    def _link(self, client: socket.socket) -> None:
        """In a thread of its own: a client that is frozen before it has said where to keeps nobody waiting."""
        with ExitStack() as refused:
            refused.callback(client.close)
            try:
                broker = refused.enter_context(socket.create_connection(_target(client), 5.0))
                if self._refusing:
                    self.refused += 1
                    return
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            except OSError:  # the broker or the client is away
                return
            refused.pop_all()
        link = _Link(self, client, broker)
        with self._lock:
            self._links.add(link)
        if self._refusing or not self._open:
            link.close()
        self._start(link.answers)
        link.requests()

    def forget(self, link: "_Link") -> None:
        with self._lock:
            self._links.discard(link)


class _Link:
    """One connection: a thread for each direction."""

    def __init__(self, proxy: Proxy, client: socket.socket, broker: socket.socket) -> None:
        broker.settimeout(None)
        self._proxy, self._client, self._broker = proxy, client, broker
        self.silent = False
        """Whether what comes from either end gets lost."""
        self._asked: dict[int, tuple[ApiKey, Fault | None]] = {}

    def requests(self) -> None:
        with suppress(OSError):
            while frame := _frame(self._client):
                key, _, correlation = struct.unpack_from(">hhi", frame, 4)
                api = ApiKey(key)
                fault = self._proxy.fault_of(api)
                if fault is Fault.LOSE_REQUEST:
                    break
                if fault is Fault.SWALLOW_REQUEST or self.silent:
                    continue
                self._asked[correlation] = api, fault
                self._broker.sendall(frame)
        self.close()

    def answers(self) -> None:
        with suppress(OSError):
            while frame := _frame(self._broker):
                api, fault = self._asked.pop(struct.unpack_from(">i", frame, 4)[0])
                if fault is Fault.LOSE_ANSWER:
                    break
                if fault is None and not self.silent:
                    time.sleep(self._proxy.delay)
                    self._client.sendall(frame)
                    self._proxy.answered[api] += 1
        self.close()

    def close(self) -> None:
        self._proxy.forget(self)
        for end in (self._client, self._broker):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


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


def _frame(end: socket.socket) -> bytes:
    """The next frame with its length, or nothing at the connection's end; who dies within a frame has not sent it."""
    length = _exactly(end, 4)
    body = _exactly(end, struct.unpack(">i", length)[0]) if length else b""
    return length + body if body else b""


def _exactly(end: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        if not (part := end.recv(min(size - len(parts), 65_536))):
            return b""
        parts += part
    return bytes(parts)
