"""The metrics panel: what Prometheus would see of this shop, without Prometheus."""

import time
from contextlib import ExitStack

from ipywidgets import HTML  # type: ignore[import-untyped]

from ecomkafka.shop import Shop
from ecomkafka.widgets.data.metrics_history import MetricsHistory
from ecomkafka.widgets.drawing.markup import picture, table
from ecomkafka.widgets.drawing.metrics_figure import metrics_figure
from ecomkafka.widgets.panel_frame import Panel

_PATIENCE = 5
"""The picture is drawn again after so many times as long as it took: the shop needs the processor too."""


class MetricsPanel(Panel):
    """The age of the oldest open order, the orders that end, the lag and the transactions of the last ten minutes.

    Raises ValueError for a shop that shows no metrics.
    """

    title = "Metrics"

    def __init__(self, shop: Shop) -> None:
        if not shop.metrics_urls:
            raise ValueError("this shop shows no metrics: open one with Shop(metrics=True)")
        self.picture, self.numbers = HTML(), HTML()
        self._history = MetricsHistory(shop.metrics_urls)
        self._drawn, self._not_before = 0.0, 0.0
        super().__init__(shop, self.picture, self.numbers)
        self._history.start()
        self.start()

    def refresh(self) -> None:
        samples = self._history.samples()
        if samples and samples[-1].at > self._drawn:
            newest = sorted(samples[-1].values.items())
            rows = [(what, which, f"{value:,.1f}") for (what, which), value in newest]
            self.numbers.value = table("Now", ("what", "of", "value"), rows)
            if time.monotonic() > self._not_before:
                self._not_before = float("inf")
                if not self.act(self._draw):
                    self._not_before = 0.0
        if self._history.trouble is not None:
            raise self._history.trouble

    def close(self) -> None:
        with ExitStack() as closing:
            closing.callback(self._history.stop)
            closing.callback(super().close)

    def _draw(self) -> None:
        """In the panel's own thread: the other panels do not wait for it."""
        started, samples = time.monotonic(), self._history.samples()
        try:
            self.picture.value = picture(metrics_figure(samples))
            self._drawn = samples[-1].at
        finally:
            self._not_before = time.monotonic() + _PATIENCE * (time.monotonic() - started)
