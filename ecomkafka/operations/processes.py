"""The services as background processes: each has a pid file; a pid that was given to another program is noticed."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil

from ecomkafka.machine.home import logs_dir, run_dir


class Entry(msgspec.Struct, frozen=True):
    """One service process; `created` distinguishes it from a later process with the same pid."""

    service: str
    instance: str
    namespace: str
    bootstrap: str
    pid: int
    created: float
    ready: bool = False
    """Whether it handles records."""

    @property
    def process(self) -> psutil.Process | None:
        """The process, or None if it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
            return process if same else None
        except psutil.Error:
            return None

    @property
    def file(self) -> Path:
        return _folder() / f"{label(self.service, self.instance, self.namespace)}.json"

    @property
    def log(self) -> Path:
        return log_file(self.service, self.instance, self.namespace)

    def write(self) -> None:
        partial = self.file.with_suffix(f".{os.getpid()}")
        partial.write_bytes(msgspec.json.encode(self))
        partial.replace(self.file)


def label(service: str, instance: str, namespace: str) -> str:
    """The file name of one instance; no part of it may contain "~"."""
    return f"{namespace}~{service}-{instance}" if namespace else f"{service}-{instance}"


def log_file(service: str, instance: str, namespace: str) -> Path:
    return logs_dir() / f"{label(service, instance, namespace)}.log"


def check_instance(instance: str) -> str:
    """Returns `instance` if it is a valid name; raises ValueError otherwise."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", instance):
        raise ValueError(f"instance is {instance!r:.80}: 1 to 40 letters, digits, '_' and '-' are allowed")
    return instance


def entries() -> list[Entry]:
    """Every running service process of this home, of all namespaces."""
    found = (_read(file) for file in sorted(_folder().glob("*.json")))
    return [entry for entry in found if entry is not None and entry.process is not None]


@contextmanager
def registered(service: str, instance: str, namespace: str, bootstrap: str) -> Iterator[Callable[[], None]]:
    """Register this process as the service's; call what is yielded when the service is ready.

    Raises RuntimeError if another process runs the service: one would fence the other.
    """
    me = psutil.Process()
    entry = Entry(service, check_instance(instance), namespace, bootstrap, me.pid, me.create_time())
    other = _read(entry.file)
    if other is not None and other.process is not None and other.pid != me.pid:
        raise RuntimeError(
            f"{service}-{instance} runs already, as process {other.pid}: "
            "run 'ecomkafka down' first, or choose another --instance"
        )
    entry.write()
    try:
        yield msgspec.structs.replace(entry, ready=True).write
    finally:
        entry.file.unlink(missing_ok=True)


def _folder() -> Path:
    folder = run_dir() / "services"
    folder.mkdir(exist_ok=True)
    return folder


def _read(file: Path) -> Entry | None:
    """The entry; None where there is none, or one of another version of this program."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Entry)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
