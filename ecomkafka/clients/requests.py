"""Requests to brokers, each with a time limit, driven by the thread that waits for the answer."""

import threading
import time
from collections.abc import Callable
from typing import Any

from kafka.errors import KafkaConnectionError, KafkaTimeoutError
from kafka.future import Future

from ecomkafka.clients.connections import BoundedClient

_POLL_MS = 50
"""How often a waiting thread checks whether the client was closed."""

_CLOSE_SECONDS = 2.0


class Requests:
    """One client's connections. Its coroutines run in the thread that waits for one of them.

    One thread at a time may wait. `close` may be called from another thread; the wait then ends at once.
    """

    def __init__(self, kafka_client: Callable[..., BoundedClient], bootstrap_timeout_ms: int, **settings: Any) -> None:
        self._client = kafka_client(**settings)
        self.connections = self._client.connections
        """Sends a request to a node, and knows the cluster: brokers, partitions and their leaders."""
        self._net = self.connections.net
        self._closed = threading.Event()
        self._waiting = threading.Lock()
        self.wait(self.connections.bootstrap_async(), bootstrap_timeout_ms / 1000, "the cluster is known")

    def start(self, coroutine: Callable[..., Any], *arguments: Any) -> Future:
        """Schedule a coroutine; it begins with the next `wait`."""
        if self._closed.is_set():
            raise KafkaConnectionError("the client was closed")
        return self._net.call_soon_with_future(coroutine, *arguments)

    def wait(self, future: Future, seconds: float, what: str) -> Any:
        """Returns or raises what the coroutine does; KafkaTimeoutError with `what` in it after `seconds`."""
        deadline = time.monotonic() + seconds
        with self._waiting:
            while not future.is_done:
                if self._closed.is_set():
                    raise KafkaConnectionError(f"the client was closed before {what}")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise KafkaTimeoutError(f"no answer within {seconds:.0f} s: {what}")
                self._net.poll(timeout_ms=min(_POLL_MS, 1_000 * left), future=future)
        if future.exception is not None:
            raise future.exception
        return future.value

    def ask(self, seconds: float, what: str, coroutine: Callable[..., Any], *arguments: Any) -> Any:
        """`start` and `wait`."""
        return self.wait(self.start(coroutine, *arguments), seconds, what)

    def catch_up(self) -> None:
        """Detect connections that brokers have closed since the last wait."""
        with self._waiting:
            if not self._closed.is_set():
                self._net.poll(timeout_ms=0)

    def close(self) -> None:
        """Close every connection; unanswered requests stay unanswered. A second call does nothing."""
        self._closed.set()
        if not self._waiting.acquire(timeout=_CLOSE_SECONDS):
            raise TimeoutError(f"a request is still waited for {_CLOSE_SECONDS:.0f} s after its client was closed")
        try:
            self._client.close()
        finally:
            self._waiting.release()
