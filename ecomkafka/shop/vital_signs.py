"""How a shop is: its services in a line, and its metrics where they are wanted."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from ecomkafka.clients import Cluster
from ecomkafka.operations.shop_service import Choices
from ecomkafka.services.read_model import ReadModel
from ecomkafka.shop.hosting import Processes, Threads

if TYPE_CHECKING:
    from ecomkafka.telemetry.metrics.exporter import Exporter


class VitalSigns:
    """The part of a `Shop` that says how it is."""

    cluster: Cluster
    read_model: ReadModel
    _crew: Threads | Processes
    _open: ExitStack
    _choices: Choices
    _exporter: "Exporter | None" = None

    def health(self) -> str:
        """Each service's state in one line. A process that has ended is not restarted."""
        return self._crew.health()

    @property
    def metrics_urls(self) -> tuple[str, ...]:
        """Where Prometheus may ask; empty without `metrics=True`. The first one is this process."""
        return () if self._exporter is None else (self._exporter.url, *self._crew.metrics_urls)

    def _show_metrics(self) -> None:
        """If they are wanted: from now on, until the shop closes."""
        self._exporter = None
        if self._choices.metrics:
            from ecomkafka.telemetry.metrics.exporter import Exporter  # needs an extra

            self._exporter = Exporter(self.cluster, lambda: self._crew.workers, self.read_model)
            self._exporter.start()
            self._open.callback(self._exporter.stop)
