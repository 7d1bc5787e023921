"""The frame of every panel: a widget, a worker thread for its clicks, a regular refresh, a status line."""

import contextlib
import html
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from ipywidgets import HTML, VBox, Widget  # type: ignore[import-untyped]

from ecomkafka.shop import Shop
from ecomkafka.widgets.drawing.markup import snapshot
from ecomkafka.widgets.shared_resources import shared_resources

Work = Callable[[], str | None]
"""Does what a click asks for, and returns the sentence that tells of it; None leaves the status line as it is."""

_CLICKS = 20
_STOP_SECONDS = 15.0


class Panel(ABC):
    """Shown as the last line of a cell. A callback only calls `act`: the kernel is never blocked.

    A subclass makes its controls, then calls `super().__init__`, then `start()`. It closes with its shop.
    """

    title: str

    def __init__(self, shop: Shop, *children: Widget) -> None:
        self.shop = shop
        self._shared = shared_resources(shop)
        self.feed = self._shared.feed
        self.status = HTML()
        self.widget = VBox([HTML(f"<h3>{html.escape(self.title)}</h3>"), *children, self.status])
        self._clicks: queue.Queue[Work | None] = queue.Queue(_CLICKS)
        self._worker = threading.Thread(target=self._run, name=f"panel-{self.title}", daemon=True)
        self._closed = threading.Event()
        self._trouble = ""

    def start(self) -> None:
        """Show what there is, and from now on what is new."""
        self.show_status("")
        self.refresh()
        self._shared.ticker.add(self._tick)
        self._worker.start()
        self._shared.on_close(self.close)

    @property
    def trouble(self) -> Exception | None:
        """Why what it shows may be old, though `refresh` finds nothing wrong."""
        return self.feed.trouble

    @abstractmethod
    def refresh(self) -> None:
        """Set the widgets to what the feed knows now. Runs in the ticker's thread, so it asks Kafka nothing."""

    def act(self, work: Work) -> bool:
        """Let the panel's own thread do it; what it returns or raises goes to the status line. False: not taken."""
        if self._closed.is_set():
            return False
        try:
            self._clicks.put_nowait(work)
        except queue.Full:
            self.show_status(f"⏳ Still busy with the last {_CLICKS} clicks: this one was not taken.")
            return False
        return True

    def show_status(self, sentence: str) -> None:
        """Show it in the status line, which screen readers read out."""
        self.status.value = f'<div role="status" aria-live="polite">{html.escape(sentence) or "&nbsp;"}</div>'

    def close(self) -> None:
        """Stays on the page as it is, without life. Raises TimeoutError if a click's work does not end in 15 s."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._shared.ticker.remove(self._tick)
        with contextlib.suppress(queue.Full):  # then the worker sees `_closed` after what it does now
            self._clicks.put_nowait(None)
        self._worker.join(_STOP_SECONDS)
        for control in controls(self.widget):
            control.disabled = True
        self.show_status("The panel is closed.")
        if self._worker.is_alive():
            raise TimeoutError(f"panel {self.title!r}: what was clicked last did not end in {_STOP_SECONDS:.0f} s")

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The living widget, and for where no kernel runs what it shows at this moment."""
        bundle = self.widget._repr_mimebundle_(**options) or {}
        return {**bundle, "text/plain": f"<{self.title}>", "text/html": snapshot(self.widget)}

    def _run(self) -> None:
        while not self._closed.is_set() and (work := self._clicks.get()) is not None:
            try:
                if (sentence := work()) is None:
                    continue  # what a panel looks up by itself, every second or so, is no news for the others
                self.show_status(sentence)
            except Exception as error:  # noqa: BLE001 - the thread's last frame: whoever clicked is told
                self.show_status(f"⚠️ {_sentence(error)}")
            self._shared.ticker.kick()

    def _tick(self) -> None:
        """An error is told once, and that it is over."""
        try:
            self.refresh()
            trouble = _sentence(why) if (why := self.trouble) else ""
        except Exception as error:  # noqa: BLE001 - the ticker goes on for the other panels
            trouble = _sentence(error)
        if trouble != self._trouble and not self._closed.is_set():
            self._trouble = trouble
            self.show_status(f"⚠️ Not up to date: {trouble}" if trouble else "Up to date again.")


def controls(widget: Widget) -> Iterable[Widget]:
    """All in it that can be disabled."""
    for child in getattr(widget, "children", ()):
        yield from controls(child)
    if hasattr(widget, "disabled"):
        yield widget


def _sentence(error: Exception) -> str:
    """The shop's own are sentences already."""
    return f"{error}" if isinstance(error, ValueError | TimeoutError) else f"{type(error).__name__}: {error}"
