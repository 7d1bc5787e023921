"""Where the embedded broker works: folders of any name, any language, a cache that others have filled."""

import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka.admin import NewTopic

from ecomkafka.broker import Broker, BrokerError
from ecomkafka.broker.install import install
from ecomkafka.broker.jmx.agent import fetched
from ecomkafka.clients import Cluster
from ecomkafka.machine.home import cache
from tests.other_cache import ANY_NAME, fill
from tests.rights import bound_by_rights, read_only, writable
from tests.waiting import PATIENCE


def takes_records(broker: Broker) -> bool:
    """Compressed ones, for which the JVM has to load a library."""
    cluster = Cluster.of(broker.bootstrap)
    with closing(cluster.admin()) as admin:
        admin.create_topics([NewTopic("records", num_partitions=1, replication_factor=1)])
    with closing(cluster.producer(compression_type="snappy")) as producer:
        futures = [producer.send("records", value=b"record" * 100) for _ in range(3)]
        return [future.get(PATIENCE).offset for future in futures] == [0, 1, 2]


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Path]:
    """A cache that has all jars and nothing else, in a folder of any name that Java can take."""
    install()
    folder = tmp_path / ANY_NAME.replace(os.pathsep, "")
    fill(folder)
    yield folder
    writable(folder)


def test_a_broker_works_in_a_folder_of_any_name(tmp_path: Path) -> None:
    with Broker(directory=tmp_path / ANY_NAME) as broker:
        assert takes_records(broker)
        assert broker.nodes[0].log.read_text(encoding="utf-8").count("Kafka Server started") == 1
    assert {path.name for path in tmp_path.iterdir()} == {ANY_NAME}
    assert {path.name for path in (tmp_path / ANY_NAME).iterdir()} == {"cluster.json", "node-1"}


def test_a_temporary_folder_of_any_name_is_left_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / ANY_NAME
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with Broker() as broker:
        assert takes_records(broker)
    assert list(temporary.iterdir()) == []


def test_a_path_as_long_as_a_broker_can_use_is_used_and_a_longer_one_named(tmp_path: Path) -> None:
    longest = os.pathconf(tmp_path, "PC_PATH_MAX") if hasattr(os, "pathconf") else 4_000
    folder = tmp_path
    while len(os.fsencode(folder)) < longest - 320 - 100:
        folder /= "x" * 98
    with Broker(directory=folder) as broker:
        assert takes_records(broker)
    with pytest.raises(BrokerError, match=r"too long a path for the files of a broker: point ECOMKAFKA_HOME"):
        Broker(directory=folder / ("x" * 100)).start()


@pytest.mark.timeout(300)  # five JVMs, one after the other
def test_neither_turkish_nor_an_ascii_locale_nor_options_for_other_programs_reach_kafka(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage tool runs as well, since nothing is made for these jars yet."""
    monkeypatch.setenv("ECOMKAFKA_CACHE", str(filled))
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("LANG", "tr_TR.UTF-8")
    for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"):
        monkeypatch.setenv(name, "-Duser.language=tr -Duser.country=TR")
    monkeypatch.setenv("LOG4J_CONFIGURATION_FILE", str(tmp_path / "none"))
    with Broker() as broker:
        assert takes_records(broker)
        assert "Turkish" not in broker.nodes[0].log.read_text(encoding="utf-8")
    assert [path.name for path in filled.glob("kafka-*/classes.jsa")] == ["classes.jsa"]


@pytest.mark.timeout(300)  # five JVMs, one after the other
def test_kafka_s_metrics_are_shown_with_folders_of_any_name(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Java splits the option for an agent at the first "="."""
    agent = fetched()
    copy = filled / agent.relative_to(cache())
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    copy.write_bytes(agent.read_bytes())
    monkeypatch.setenv("ECOMKAFKA_CACHE", str(filled))
    with Broker(directory=tmp_path / "home" / ANY_NAME, metrics=True) as broker:
        with urllib.request.urlopen(broker.nodes[0].metrics_url, timeout=10) as answer:
            assert b"kafka_controller_activecontrollercount 1" in answer.read()
        broker.nodes[0].restart()


@pytest.mark.timeout(300)  # five JVMs, one after the other
def test_another_user_starts_a_broker_from_a_cache_that_only_its_owner_may_write(filled: Path, tmp_path: Path) -> None:
    read_only(filled)
    home = tmp_path / "home"
    before = sorted(filled.rglob("*"))
    code = "from ecomkafka.broker import Broker\nwith Broker() as broker: print(broker.bootstrap)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"ECOMKAFKA_CACHE": str(filled), "ECOMKAFKA_HOME": str(home)},
        preexec_fn=bound_by_rights(),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("127.0.0.1:")
    assert sorted(filled.rglob("*")) == before
    assert len(list(home.glob("kafka-*/classes.jsa"))) == 1


@pytest.mark.parametrize("name", [f"a{os.pathsep}b", "a!", "x" * 200])
def test_a_cache_that_java_cannot_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = Path(tmp_path, *[name] * 5)
    monkeypatch.setenv("ECOMKAFKA_CACHE", str(folder))
    with pytest.raises(BrokerError, match=r"^the cache .* point ECOMKAFKA_CACHE at another folder$"):
        install()


def test_what_the_storage_tool_says_is_the_cause(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_CACHE", str(filled))
    monkeypatch.setattr("ecomkafka.broker.install._STORAGE_TOOL", "kafka.tools.NoSuchTool")
    with pytest.raises(BrokerError, match=r"storage tool failed with .*java: .*NoSuchTool") as caught:
        install()
    assert "ECOMKAFKA_JAVA" not in str(caught.value)
