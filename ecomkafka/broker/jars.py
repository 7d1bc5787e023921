"""Kafka's jars: fetched by jgo, cached, and verified against the checksums of a lock file."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ecomkafka.broker.maven import mirror, shown
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.progress_bar import Report, reporting

if TYPE_CHECKING:
    from jgo.maven import MavenContext, PythonResolver

logging.getLogger("jgo").addHandler(logging.NullHandler())  # or its warnings end up in a notebook's cell


_ANSWER_SECONDS = 10


class Jar(msgspec.Struct, frozen=True):
    """A jar as the lock file knows it."""

    jar: str
    """group:artifact:version, and perhaps a classifier: which of the artifact's jars"""
    size: int
    """bytes"""
    sha256: str
    packaging: str = "jar"
    """Or what else a program comes in: tar.gz."""

    def path(self, cache: Path) -> Path:
        """Its path in `cache`, which has the layout of a Maven repository."""
        group, artifact, version, *classifier = self.jar.split(":")
        name = "-".join((artifact, version, *classifier))
        return cache.joinpath(*group.split("."), artifact, version, f"{name}.{self.packaging}")


class Lock(msgspec.Struct, frozen=True):
    """The jars of a program in this version, with checksums; `tools/lock_kafka_jars.py` writes Kafka's file."""

    version: str
    jars: tuple[Jar, ...]
    program: str = "Kafka"
    command: str = "ecomkafka up"
    """What fetches them."""


LOCK = msgspec.json.decode(files("ecomkafka.broker").joinpath("kafka_jars.json").read_bytes(), type=Lock)


def jars(cache: Path, report: Report | None = None, lock: Lock = LOCK) -> list[Path]:
    """The paths of all locked jars in `cache`; a missing or corrupt one is fetched.

    Raises BrokerError if it can't be fetched, or if a fresh copy does not match the lock file.
    """
    if not verified(cache, lock):
        if bad := missing_or_corrupt(cache, lock):
            with reporting(report) as progress:
                _fetch(bad, cache, progress, lock)
        cache.mkdir(exist_ok=True)
        _stamp(cache, lock).write_text(json.dumps(_marks(cache, lock)), encoding="utf-8")
    return paths(cache, lock)


def paths(cache: Path, lock: Lock = LOCK) -> list[Path]:
    """The paths of all locked jars in `cache`."""
    return [jar.path(cache) for jar in lock.jars]


def verified(cache: Path, lock: Lock = LOCK) -> bool:
    """Whether the jars are unchanged since their checksums were verified."""
    try:
        marks = json.loads(_stamp(cache, lock).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return len(marks) == len(lock.jars) and marks == _marks(cache, lock)


def missing_or_corrupt(cache: Path, lock: Lock = LOCK) -> list[Jar]:
    """The jars that are missing or corrupt, by their checksums."""
    return [jar for jar in lock.jars if not _sound(jar, cache)]


def _stamp(cache: Path, lock: Lock) -> Path:
    return cache / f"verified-{lock.version}.json"


def _marks(cache: Path, lock: Lock) -> dict[str, list[int | str]]:
    """Size, time of change and checksum by jar: cheap to compare, where hashing 45 MB at each start is not."""
    found = {jar: path.stat() for jar in lock.jars if (path := jar.path(cache)).is_file()}
    return {jar.jar: [stat.st_size, stat.st_mtime_ns, jar.sha256] for jar, stat in found.items()}


def _sound(jar: Jar, cache: Path) -> bool:
    path = jar.path(cache)
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def _fetch(bad: list[Jar], cache: Path, report: Report, lock: Lock) -> None:
    """Fetch the jars, what fails once more; BrokerError names one that still is not there."""
    repository = mirror()

    def progress(share: float) -> None:
        report(f"fetching {lock.program}", share)

    problems = _Download(cache, bad, progress, repository).run()
    if problems:
        problems = _Download(cache, list(problems), progress, repository).run()
    for jar, problem in problems.items():
        raise _missing(jar, problem, len(problems), repository, lock)


def ask_for(jar: Jar) -> None:
    """Check that a jar could be fetched, without fetching it. Raises BrokerError with the reason."""
    from jgo.util import http  # only who has to fetch a jar needs it

    repository = mirror()
    (source,) = _maven(repository, Path()).remote_repos.values()
    try:
        answer = http.head(f"{source}/{jar.path(Path()).as_posix()}", timeout=_ANSWER_SECONDS, allow_redirects=True)
    except OSError as error:
        raise _missing(jar, _unreachable(error), 1, repository) from error
    if not answer.ok:
        raise _missing(jar, _NOT_THERE, 1, repository)


_NOT_THERE = "is not in the repository"


def _unreachable(error: OSError) -> str:
    return f"could not be fetched ({error.strerror or type(error).__name__})"


def _missing(jar: Jar, problem: str, count: int, repository: str | None, lock: Lock = LOCK) -> BrokerError:
    source = f"the repository {shown(repository)}" if repository else "the network (or a mirror in ECOMKAFKA_MAVEN)"
    name = jar.path(Path()).name
    return BrokerError(
        f"{name} {problem}, {count} of {lock.program}'s jars are missing: the first use needs {source} and 150 MB of "
        f"disk; run '{lock.command}' again when they are there"
    )


def _maven(repository: str | None, cache: Path, resolver: "PythonResolver | None" = None) -> "MavenContext":
    """`repository` instead of Central, never beside it: it may be that only the one can be reached."""
    from jgo.maven import MavenContext  # only who has to fetch a jar needs it

    remote = {"central": repository} if repository else None
    return MavenContext(repo_cache=cache, resolver=resolver, remote_repos=remote)


class _Download:
    """One round of parallel downloads with a common progress."""

    def __init__(self, cache: Path, jars: list[Jar], progress: Callable[[float], None], repository: str | None) -> None:
        from jgo.maven import PythonResolver  # only who has to fetch a jar needs it

        self._cache, self._jars, self._report = cache, jars, progress
        self._total, self._done = sum(jar.size for jar in jars), 0
        self._maven = _maven(repository, cache, PythonResolver(progress_callback=self._progress))

    def run(self) -> dict[Jar, str]:
        """What is wrong, by jar."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            results = zip(self._jars, pool.map(self._one, self._jars), strict=True)
            return {jar: problem for jar, problem in results if problem is not None}

    def _one(self, jar: Jar) -> str | None:
        group, artifact, version, *classifier = jar.jar.split(":")
        project = self._maven.project(group, artifact)
        try:
            jar.path(self._cache).unlink(missing_ok=True)
            project.at_version(version).artifact("".join(classifier), jar.packaging).resolve()
        except RuntimeError:  # jgo's only word for every answer that is not the file
            return _NOT_THERE
        except OSError as error:  # requests' errors as well; those have no file
            if error.filename:
                raise
            return _unreachable(error)
        return None if _sound(jar, self._cache) else "is not the file of the lock, though it was fetched anew"

    @contextmanager
    def _progress(self, _file: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield self._more

    def _more(self, count: int) -> None:
        self._done += count
        self._report(min(1.0, self._done / self._total))
