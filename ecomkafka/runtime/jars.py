"""Kafka's jars: fetched by jgo, kept in the cache, held against the lock file that the package ships."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import msgspec
from jgo.maven import MavenContext, PythonResolver

from ecomkafka.runtime.errors import BrokerError
from ecomkafka.runtime.progress import Report, reporting

logging.getLogger("jgo").addHandler(logging.NullHandler())  # or its warnings end up in a notebook's cell


class Jar(msgspec.Struct, frozen=True):
    """A jar as the lock file knows it."""

    jar: str
    """group:artifact:version"""
    size: int
    """bytes"""
    sha256: str

    def path(self, cache: Path) -> Path:
        """Where it lies in `cache`, which is laid out as a Maven repository."""
        group, artifact, version = self.jar.split(":")
        return cache.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")


class Lock(msgspec.Struct, frozen=True):
    """Exactly the jars that run this version of Kafka; `tools/lock_kafka_jars.py` writes the file."""

    version: str
    jars: tuple[Jar, ...]


LOCK = msgspec.json.decode(files("ecomkafka.runtime").joinpath("kafka_jars.json").read_bytes(), type=Lock)


def jars(cache: Path, report: Report | None = None, lock: Lock = LOCK) -> list[Path]:
    """The paths of all locked jars in `cache`; one that is missing or damaged is fetched anew.

    Raises BrokerError if it can't be fetched or is not the jar of the lock file even when it is new.
    """
    stamp = cache / f"verified-{lock.version}.json"
    if not _unchanged(stamp, cache, lock):
        bad = [jar for jar in lock.jars if not _sound(jar, cache)]
        if bad:
            with reporting(report) as tell:
                _fetch(bad, cache, tell)
        stamp.write_text(json.dumps(_marks(cache, lock)), encoding="utf-8")
    return [jar.path(cache) for jar in lock.jars]


def _marks(cache: Path, lock: Lock) -> dict[str, list[int | str]]:
    """Size, time of change and checksum by jar: cheap to compare, where hashing 45 MB at each start is not."""
    found = {jar: path.stat() for jar in lock.jars if (path := jar.path(cache)).is_file()}
    return {jar.jar: [stat.st_size, stat.st_mtime_ns, jar.sha256] for jar, stat in found.items()}


def _unchanged(stamp: Path, cache: Path, lock: Lock) -> bool:
    try:
        verified = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return len(verified) == len(lock.jars) and verified == _marks(cache, lock)


def _sound(jar: Jar, cache: Path) -> bool:
    path = jar.path(cache)
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def _fetch(bad: list[Jar], cache: Path, tell: Report) -> None:
    """Fetch the jars, what fails once more; BrokerError names one that still is not there."""
    problems = _Download(cache, bad, tell).run()
    if problems:
        problems = _Download(cache, list(problems), tell).run()
    for jar, problem in problems.items():
        raise BrokerError(
            f"{jar.path(cache).name} {problem}, {len(problems)} of Kafka's jars are missing: the first use needs the "
            "network and 150 MB of disk; run 'ecomkafka up' again when they are there"
        )


class _Download:
    """One round of downloads side by side, whose bytes add up to one progress."""

    def __init__(self, cache: Path, jars: list[Jar], tell: Report) -> None:
        self._cache, self._jars, self._tell = cache, jars, tell
        self._total, self._done = sum(jar.size for jar in jars), 0
        self._maven = MavenContext(repo_cache=cache, resolver=PythonResolver(progress_callback=self._progress))

    def run(self) -> dict[Jar, str]:
        """What is wrong, by jar."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            results = zip(self._jars, pool.map(self._one, self._jars), strict=True)
            return {jar: problem for jar, problem in results if problem is not None}

    def _one(self, jar: Jar) -> str | None:
        group, artifact, version = jar.jar.split(":")
        try:
            jar.path(self._cache).unlink(missing_ok=True)
            self._maven.project(group, artifact).at_version(version).artifact().resolve()
        except (RuntimeError, OSError) as error:  # requests' errors are OSErrors as well
            reason = getattr(error, "strerror", None) or type(error).__name__
            return f"could not be fetched ({reason})"
        return None if _sound(jar, self._cache) else "is not the file of the lock, though it was fetched anew"

    @contextmanager
    def _progress(self, _file: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield self._more

    def _more(self, count: int) -> None:
        self._done += count
        self._tell("fetching Kafka", min(1.0, self._done / self._total))
