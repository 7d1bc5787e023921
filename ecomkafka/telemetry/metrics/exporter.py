"""All metrics of a process, and the small HTTP server at which Prometheus asks for them."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, start_http_server

from ecomkafka.clients import Cluster
from ecomkafka.engine.worker import Worker
from ecomkafka.machine.listening import in_url, refused
from ecomkafka.telemetry.metrics.instruments import Instruments, ServiceObserver
from ecomkafka.telemetry.metrics.kafka_state import KafkaState
from ecomkafka.telemetry.metrics.service_state import ServiceState

if TYPE_CHECKING:
    from ecomkafka.services.read_model import ReadModel

HOST = "127.0.0.1"
STOP_SECONDS = 5.0


class Exporter:
    """Watches `workers`, and answers at `url` from `start` to `stop`. `port` 0: any free one.

    `workers` is asked anew each time, as a shop may get more of them; `watch` is for those that come later.
    """

    def __init__(
        self,
        cluster: Cluster,
        workers: Callable[[], Sequence[Worker]],
        read_model: "ReadModel | None" = None,
        *,
        port: int = 0,
        host: str = HOST,
    ) -> None:
        self.registry = CollectorRegistry()
        self._instruments = Instruments(self.registry)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.registry.register(ServiceState(workers))
        self.registry.register(KafkaState(cluster, {worker.name for worker in workers()}))
        if read_model is not None:
            from ecomkafka.telemetry.metrics.read_model_state import ReadModelState  # SQLAlchemy takes long

            self.registry.register(ReadModelState(read_model))
        for worker in workers():
            self.watch(worker)
        self._host, self._port = host, port
        self._server: tuple[Any, threading.Thread] | None = None

    def watch(self, worker: Worker) -> None:
        """Count what it does from now on."""
        worker.observer = ServiceObserver(self._instruments, worker.name)

    @property
    def url(self) -> str:
        return f"http://{in_url(self._host)}:{self._port}/metrics"

    def start(self) -> None:
        """Raises RuntimeError if the port can't be had."""
        try:
            server, thread = start_http_server(self._port, self._host, self.registry)
        except OSError as error:
            raise refused(self._host, self._port, error, "set ECOMKAFKA_METRICS to another one") from error
        self._port = server.server_port
        self._server = server, thread

    def stop(self) -> None:
        if self._server is not None:
            server, thread = self._server
            self._server = None
            server.shutdown()
            server.server_close()
            thread.join(STOP_SECONDS)
