"""Why a node died: the cause is read from its log and said in plain words."""

from pathlib import Path

_TAIL = 65_536

_NO_ERROR = ("] DEBUG ", "] INFO ", "] WARN ")

_CAUSES = (
    (("BindException", "failed to bind"), "its port is taken by another program: run 'ecomkafka down' and 'up'"),
    (("No space left on device", "not enough space on the disk"), "the disk is full: free some and start it again"),
    (("UnsupportedClassVersionError",), "its Java is too old: unset ECOMKAFKA_JAVA or point it at Java 17 or newer"),
    (
        ("Could not reserve enough space", "Could not allocate", "insufficient memory", "OutOfMemoryError"),
        "there is not enough memory: 0.5 GB a node are needed, so close other programs, or raise 'ulimit -v'",
    ),
    (("Could not find or load main class", "NoClassDefFoundError"), "a jar is missing: run 'ecomkafka up' again"),
    (
        ("node ID not found in", "No FeatureLevelRecord", "InconsistentClusterIdException"),
        "its data are damaged: run 'ecomkafka clean' to begin with none",
    ),
    (("due to signal SIGTERM",), "somebody has stopped it"),
)


def cause(console: Path, log: Path, log_from: int) -> str:
    """The cause in one clause; `log_from` is the size of the log when the node was started."""
    text = _read(console, 0) + _read(log, log_from)
    if known := known_cause(text):
        return known
    errors = [line for line in text.splitlines() if _is_error(line)]
    cause = f" says {errors[-1].strip()[:200]!r}" if errors else " says nothing of it"
    return f"{log}{cause}"


def known_cause(text: str) -> str | None:
    """The first known cause of which there is a sign in what a JVM has said, in words."""
    return next((words for signs, words in _CAUSES if any(sign in text for sign in signs)), None)


def _is_error(line: str) -> bool:
    """A broker that is well tells of exceptions, too, as INFO."""
    return any(sign in line for sign in ("ERROR", "FATAL", "Exception")) and not any(sign in line for sign in _NO_ERROR)


def _read(path: Path, start: int) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(start, file.tell() - _TAIL) if file.tell() >= start else 0)
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
