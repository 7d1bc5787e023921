"""How far behind the services are, asked once a second while a chaos run goes on."""

import threading
from collections.abc import Callable

from kafka.errors import KafkaError

from ecomkafka.runtime.clients import Cluster
from ecomkafka.runtime.groups import lags

_STOP_SECONDS = 30.0


class LagWatch(threading.Thread):
    """`tell` is told the lag of all groups together, where the broker can say it; use it in a `with` block."""

    def __init__(self, cluster: Cluster, tell: Callable[[int], None]) -> None:
        super().__init__(name="lags", daemon=True)
        self._cluster, self._tell = cluster, tell
        self._stopping = threading.Event()
        self._failure: Exception | None = None

    def run(self) -> None:
        try:
            while not self._stopping.wait(1.0):
                self._ask()
        except Exception as error:  # noqa: BLE001 - the thread's last frame: the end of the block raises it
            self._failure = error

    def _ask(self) -> None:
        try:
            total = sum(lag.lag for lag in lags(self._cluster))
        except (KafkaError, ConnectionError, TimeoutError):  # the broker is away: a gap
            return
        self._tell(total)

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self.join(_STOP_SECONDS)
        if self.is_alive():
            raise TimeoutError(f"the question for the lag did not end in {_STOP_SECONDS:.0f} s")
        if self._failure is not None:
            raise self._failure
