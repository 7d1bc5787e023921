"""Logs: structured by structlog, silent until somebody asks; lines with emojis for people, JSON for machines."""

import json
import logging
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

import structlog
from structlog.typing import EventDict, WrappedLogger

from ecomkafka import messages as m
from ecomkafka.flow import correlation_of
from ecomkafka.messages import Message

_stdlib = logging.getLogger("ecomkafka")
_stdlib.addHandler(logging.NullHandler())
_stdlib.propagate = False

_SHARED: list[structlog.typing.Processor] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]

log: structlog.stdlib.BoundLogger = structlog.wrap_logger(
    _stdlib,
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)

STORIES: dict[type[Message], str] = {
    m.OrderCreated: "🛒 order created",
    m.OrderConfirmed: "✅ order confirmed",
    m.OrderCancelled: "⚠️ order cancelled",
    m.StockReserved: "📦 stock reserved",
    m.StockDeducted: "📦 stock deducted",
    m.StockReleased: "📦 stock released",
    m.StockRestocked: "📦 stock restocked",
    m.InsufficientStock: "⚠️ insufficient stock",
    m.NotificationSent: "📬 notification sent",
    m.NotificationFailed: "⚠️ notification failed",
}


def log_messages(service: str, instance: str, messages: Iterable[object]) -> None:
    """Log what a committed transaction has sent; costs nothing where nobody listens."""
    if not _stdlib.isEnabledFor(logging.INFO):
        return
    for message in messages:
        if isinstance(message, Message) and (story := STORIES.get(type(message))):
            details = {name: getattr(message, name) for name in ("reason", "total") if hasattr(message, name)}
            log.info(story, service=service, instance=instance, correlation=correlation_of(message), **details)


def _for_people(_: WrappedLogger, __: str, event: EventDict) -> str:
    service = event.pop("service", "")
    when = str(event.pop("timestamp", ""))[11:23]
    event.pop("level", None)
    what = event.pop("event", "")
    rest = " ".join(f"{key}={value}" for key, value in event.items() if value is not None and not key.startswith("_"))
    return f"{when} {service:<12} {what}  {rest}".rstrip()


def readable(line: str) -> tuple[str, str]:
    """A line of a JSON log: its time (ISO) and the text for people; another line as it is, with "" for its time."""
    try:
        event = json.loads(line)
        return str(event["timestamp"]), _for_people(None, "", event)
    except (ValueError, TypeError, KeyError):
        return "", line


def _formatter(as_json: bool) -> logging.Formatter:
    last = structlog.processors.JSONRenderer(default=str, ensure_ascii=False) if as_json else _for_people
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last], foreign_pre_chain=_SHARED
    )


def to_stream(stream: IO[str], *, json: bool = False, level: int = logging.INFO) -> logging.Handler:
    """Write the log to `stream`; `detach` what is returned when the stream is to be closed."""
    return _attach(logging.StreamHandler(stream), json, level)


class Memory(logging.Handler):
    """Keeps the newest lines: a notebook shows them on request, and threads never print into a cell."""

    def __init__(self, size: int = 1_000) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=size)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def to_memory() -> Iterator[Memory]:
    """Keep the warnings and errors that are logged meanwhile."""
    memory = Memory()
    _attach(memory, False, logging.WARNING)
    try:
        yield memory
    finally:
        detach(memory)


def _attach(handler: logging.Handler, json: bool, level: int) -> logging.Handler:
    handler.setFormatter(_formatter(json))
    handler.setLevel(level)
    _stdlib.addHandler(handler)
    _set_level()
    return handler


def detach(handler: logging.Handler) -> None:
    _stdlib.removeHandler(handler)
    handler.close()
    _set_level()


def _set_level() -> None:
    levels = [handler.level for handler in _stdlib.handlers if not isinstance(handler, logging.NullHandler)]
    _stdlib.setLevel(min(levels, default=logging.CRITICAL))


_set_level()
