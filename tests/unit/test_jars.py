"""Kafka's jars, fetched from a Maven repository of our own on the loopback interface."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.maven import _core

from ecomkafka.runtime.errors import BrokerError
from ecomkafka.runtime.jars import LOCK, Jar, Lock, jars


class Repository:
    """Two jars on an HTTP server, and what was asked of it."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, list[str]()
        self.lock = Lock("1", (self._jar("org.example:one:1.0", b"first"), self._jar("org.example:two:2.0", b"second")))

    def _jar(self, name: str, content: bytes) -> Jar:
        jar = Jar(name, len(content), hashlib.sha256(content).hexdigest())
        jar.path(self.root).parent.mkdir(parents=True)
        jar.path(self.root).write_bytes(content)
        return jar

    def jar(self, index: int, cache: Path) -> Path:
        return self.lock.jars[index].path(cache)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    repository = Repository(tmp_path / "repository")

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            repository.asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(repository.root))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setitem(_core.DEFAULT_REMOTE_REPOS, "central", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield repository
        server.shutdown()
        thread.join(10)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    path = tmp_path / "cache"
    path.mkdir()
    return path


def test_missing_jars_are_fetched_with_progress(repository: Repository, cache: Path) -> None:
    shares: list[float] = []
    paths = jars(cache, lambda _what, share: shares.append(share), repository.lock)
    assert [path.read_bytes() for path in paths] == [b"first", b"second"]
    assert shares[-1] == 1.0


def test_the_second_time_nothing_is_fetched(repository: Repository, cache: Path) -> None:
    jars(cache, lock=repository.lock)
    repository.asked.clear()
    jars(cache, lambda *_: pytest.fail("no work, no progress"), repository.lock)
    assert repository.asked == []


def test_a_damaged_jar_is_fetched_anew_and_only_that_one(repository: Repository, cache: Path) -> None:
    first, _ = jars(cache, lock=repository.lock)
    first.write_bytes(b"cut")
    repository.asked.clear()
    assert jars(cache, lock=repository.lock)[0].read_bytes() == b"first"
    assert {path.split("/")[3] for path in repository.asked} == {"one"}


def test_a_jar_that_is_not_the_locked_one_is_refused_by_name(repository: Repository, cache: Path) -> None:
    repository.jar(1, repository.root).write_bytes(b"forged")
    with pytest.raises(BrokerError, match=r"two-2\.0\.jar is not the file of the lock.*run 'ecomkafka up' again"):
        jars(cache, lock=repository.lock)


def test_a_jar_that_is_nowhere_is_asked_for_twice_and_named(repository: Repository, cache: Path) -> None:
    repository.jar(0, repository.root).unlink()
    with pytest.raises(BrokerError, match=r"one-1\.0\.jar could not be fetched .* 1 of Kafka's jars are missing"):
        jars(cache, lock=repository.lock)
    assert len([path for path in repository.asked if path.endswith("one-1.0.jar")]) == 2


def test_without_a_network_one_sentence_says_so(
    repository: Repository, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_core.DEFAULT_REMOTE_REPOS, "central", "http://127.0.0.1:9")
    with pytest.raises(BrokerError, match=r"could not be fetched .* the first use needs the network"):
        jars(cache, lock=repository.lock)


def test_the_lock_names_one_kafka_and_no_registry() -> None:
    kafka = {jar.jar.rpartition(":")[2] for jar in LOCK.jars if jar.jar.startswith("org.apache.kafka:")}
    assert kafka == {LOCK.version}
    assert all(len(jar.sha256) == 64 and jar.size > 0 and "/" not in jar.jar for jar in LOCK.jars)
