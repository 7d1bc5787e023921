"""How a shop is: its services in a line, and its metrics where they are wanted."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from ecomkafka.flow import HOPS
from ecomkafka.logs import Memory
from ecomkafka.operations.shop_service import Choices
from ecomkafka.services.read_model import ReadModel
from ecomkafka.shop.claim import Claim
from ecomkafka.shop.hosting import Processes, Threads
from ecomkafka.shop.lifecycle import NOT_OPEN, Lifecycle

if TYPE_CHECKING:
    from ecomkafka.telemetry.metrics.exporter import Exporter


class VitalSigns(Lifecycle):
    """The part of a `Shop` that says how it is."""

    read_model: ReadModel
    _crew: Threads | Processes
    _claim: Claim
    _choices: Choices
    _log: Memory | None = None
    _exporter: "Exporter | None" = None

    def health(self) -> str:
        """Each service's state in one line. A process that has ended is not restarted."""
        return "; ".join(filter(None, (self._crew.health(), self._lost_claim())))

    @property
    def log(self) -> Memory:
        """The warnings and errors since the last start."""
        if self._log is None:
            raise RuntimeError(NOT_OPEN)
        return self._log

    def _trouble(self) -> str | None:
        """Why orders may never end here, in a sentence: for example, who has fenced a service."""
        if self._state in ("stopping", "closed"):
            return "the shop is closed"
        return self._lost_claim() or next(filter(None, self._crew.fenced(here=False).values()), None)

    def _lost_claim(self) -> str | None:
        return str(self._claim) if self._claim.is_lost and self._crew.fenced(here=True) else None

    def _taken(self) -> Collection[str]:
        """The services who may have worked for another shop of this namespace since they worked for this one."""
        return HOPS if self._claim.is_lost else self._crew.fenced(here=False)

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
