"""Kafka's jars, fetched from a Maven repository of our own on the loopback interface."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.maven import _core

from ecomkafka.broker.jars import LOCK, Jar, Lock, jars
from ecomkafka.machine.errors import BrokerError
from tests.waiting import PATIENCE


class Repository:
    """Two jars on an HTTP server, and what was asked of it."""

    url = ""

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
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("ECOMKAFKA_MAVEN", raising=False)
        repository.url = f"http://127.0.0.1:{server.server_port}"
        yield repository
        server.shutdown()
        thread.join(PATIENCE)


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
    with pytest.raises(BrokerError, match=r"one-1\.0\.jar is not in the repository, 1 of Kafka's jars are missing"):
        jars(cache, lock=repository.lock)
    assert len([path for path in repository.asked if path.endswith("one-1.0.jar")]) == 2


def central_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_core.DEFAULT_REMOTE_REPOS, "central", "http://127.0.0.1:9")


def maven_settings(home: Path, mirror_of: str, url: str) -> None:
    (home / ".m2").mkdir()
    (home / ".m2" / "settings.xml").write_text(
        '<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"><mirrors>'
        "<mirror><id>other</id><mirrorOf>snapshots</mirrorOf><url>http://127.0.0.1:9/other</url></mirror>"
        f"<mirror><id>own</id><mirrorOf>{mirror_of}</mirrorOf><url>{url}</url></mirror>"
        "</mirrors></settings>",
        encoding="utf-8",
    )


def test_where_a_mirror_is_set_only_that_is_asked(
    repository: Repository, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    central_cannot_be_reached(monkeypatch)
    monkeypatch.setenv("ECOMKAFKA_MAVEN", f" {repository.url}/ ")
    assert [path.read_bytes() for path in jars(cache, lock=repository.lock)] == [b"first", b"second"]


@pytest.mark.parametrize("mirror_of", ["central", "*", "external:*,!inside", "inside, central"])
def test_the_mirror_of_central_in_the_users_own_maven_settings_is_used(
    repository: Repository, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror_of: str
) -> None:
    central_cannot_be_reached(monkeypatch)
    monkeypatch.setenv("MIRROR", repository.url)
    maven_settings(tmp_path, mirror_of, "${env.MIRROR}")
    assert [path.read_bytes() for path in jars(cache, lock=repository.lock)] == [b"first", b"second"]


@pytest.mark.parametrize("mirror_of", ["*,!central", "inside"])
def test_a_mirror_of_something_else_is_none_of_central(
    repository: Repository, cache: Path, tmp_path: Path, mirror_of: str
) -> None:
    maven_settings(tmp_path, mirror_of, "http://127.0.0.1:9")
    assert len(jars(cache, lock=repository.lock)) == 2


def test_what_a_mirror_has_is_verified_and_its_password_not_told(
    repository: Repository, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    central_cannot_be_reached(monkeypatch)
    monkeypatch.setenv("ECOMKAFKA_MAVEN", repository.url.replace("//", "//anna:secret@"))
    repository.jar(1, repository.root).write_bytes(b"forged")
    with pytest.raises(BrokerError, match=r"two-2\.0\.jar is not the file of the lock.* the repository http://\*\*\*@"):
        jars(cache, lock=repository.lock)


@pytest.mark.parametrize("setting", ["mirror", "ftp://mirror/maven", "http:///maven", "https://anna:secret@"])
def test_a_mirror_that_is_none_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv("ECOMKAFKA_MAVEN", setting)
    with pytest.raises(BrokerError, match=r"^ECOMKAFKA_MAVEN: .* is no repository") as caught:
        jars(cache)
    assert "secret" not in str(caught.value)


def test_maven_settings_that_cannot_be_read_are_named(repository: Repository, cache: Path, tmp_path: Path) -> None:
    maven_settings(tmp_path, "central", "http://a&b")
    with pytest.raises(BrokerError, match=r"settings\.xml can't be read \(.*repair it, or set ECOMKAFKA_MAVEN"):
        jars(cache, lock=repository.lock)


def test_without_a_network_one_sentence_says_so(
    repository: Repository, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    central_cannot_be_reached(monkeypatch)
    with pytest.raises(BrokerError, match=r"could not be fetched .* the first use needs the network"):
        jars(cache, lock=repository.lock)


def test_the_lock_names_one_kafka_and_no_registry() -> None:
    kafka = {jar.jar.rpartition(":")[2] for jar in LOCK.jars if jar.jar.startswith("org.apache.kafka:")}
    assert kafka == {LOCK.version}
    assert all(len(jar.sha256) == 64 and jar.size > 0 and "/" not in jar.jar for jar in LOCK.jars)
