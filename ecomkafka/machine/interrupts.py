"""Interrupts that come while somebody else's code runs who would swallow them."""

import signal
import threading
from types import FrameType, TracebackType


class Deferred:
    """In the block the signal is only noted; its handler is called at the end of the block, and may raise there.

    Python tells the main thread alone of signals: in another thread, or for a signal without a handler of Python's, the
    block changes nothing.
    """

    def __init__(self, number: signal.Signals) -> None:
        self._number = number

    def __enter__(self) -> None:
        self._noted: tuple[int, FrameType | None] | None = None
        handler = signal.getsignal(self._number)
        self._handler = handler if callable(handler) and threading.current_thread() is threading.main_thread() else None
        if self._handler:
            signal.signal(self._number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted = number, frame

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handler:
            signal.signal(self._number, self._handler)
            if self._noted:
                self._handler(*self._noted)
