"""Why a node died: the cause is read from its log and said in plain words."""

from pathlib import Path

_TAIL = 65_536

_CAUSES = (
    (("BindException", "failed to bind"), "its port is taken by another program: run 'ecomkafka down' and 'up'"),
    (("No space left on device", "not enough space on the disk"), "the disk is full: free some and start it again"),
    (("UnsupportedClassVersionError",), "its Java is too old: unset ECOMKAFKA_JAVA or point it at Java 17 or newer"),
    (
        ("Could not reserve enough space", "insufficient memory", "OutOfMemoryError"),
        "there is not enough memory: 0.5 GB a node are needed, so close other programs",
    ),
    (("Could not find or load main class", "NoClassDefFoundError"), "a jar is missing: run 'ecomkafka up' again"),
    (
        ("node ID not found in", "No FeatureLevelRecord", "InconsistentClusterIdException"),
        "its data are damaged: run 'ecomkafka clean' to begin with none",
    ),
)


def cause(console: Path, log: Path, log_from: int) -> str:
    """The cause in one clause; `log_from` is the size of the log when the node was started."""
    text = _read(console, 0) + _read(log, log_from)
    for signs, words in _CAUSES:
        if any(sign in text for sign in signs):
            return words
    errors = [line for line in text.splitlines() if "ERROR" in line or "FATAL" in line or "Exception" in line]
    cause = f" says {errors[-1].strip()[:200]!r}" if errors else " says nothing of it"
    return f"{log}{cause}"


def _read(path: Path, start: int) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(start, file.tell() - _TAIL) if file.tell() >= start else 0)
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
