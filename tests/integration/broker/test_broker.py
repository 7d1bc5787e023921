"""The embedded broker: what starts, what comes back, what is left, and the sentence for each thing that goes wrong."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from kafka.admin import NewTopic

from ecomkafka.broker import Broker, BrokerError, shared
from ecomkafka.broker import broker as embedded
from ecomkafka.broker.probe import live_brokers
from ecomkafka.clients import Cluster
from ecomkafka.machine import folders
from tests.waiting import PATIENCE, eventually


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine on which no shared broker runs, before and after."""
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ECOMKAFKA_BOOTSTRAP", raising=False)
    yield tmp_path / "home"
    embedded.down()


def create_topic(bootstrap: str, name: str) -> None:
    with closing(Cluster.of(bootstrap).admin()) as admin:
        admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=-1)])


def topics(bootstrap: str) -> list[str]:
    with closing(Cluster.of(bootstrap).admin()) as admin:
        return [name for name in admin.list_topics() if not name.startswith("__")]


def at_the_same_moment(prepare: str, act: str, times: int) -> list[tuple[str, str]]:
    """What as many Python processes write to stdout and stderr, when all act as soon as all are prepared."""
    code = f"{prepare}\nprint('ready', flush=True)\ninput()\n{act}"
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        command = [sys.executable, "-c", code]
        children = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(times)]
        for child in children:
            stack.enter_context(child)
            stack.callback(child.kill)
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("\n")
            child.stdin.flush()
        return [child.communicate(timeout=PATIENCE) for child in children]


def running_in(folder: Path) -> list[int]:
    """All processes that have something in `folder` on their command line."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in argument for argument in process.info["cmdline"] or ()):
            found.append(process.pid)
    return found


def test_a_private_broker_listens_on_loopback_only_and_leaves_nothing() -> None:
    with Broker() as private:
        (node,) = private.nodes
        process = node.process
        assert process is not None
        assert {c.laddr.ip.removeprefix("::ffff:") for c in process.net_connections() if c.status == "LISTEN"} == {
            "127.0.0.1"
        }
        assert topics(private.bootstrap) == []
        folder = node.log.parents[1]
    assert not process.is_running()
    assert not folder.exists()


def test_a_private_broker_ends_with_a_python_that_is_killed() -> None:
    code = (
        "from ecomkafka.broker import Broker\n"
        "broker = Broker().start()\n"
        "print(broker.nodes[0].process.pid, broker.nodes[0].log.parents[1], flush=True)\n"
        "input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        pid, folder = child.stdout.readline().split()
        child.kill()
        child.wait(PATIENCE)
    eventually(lambda: not psutil.pid_exists(int(pid)), "the end of the broker")
    eventually(lambda: not Path(folder).exists(), "the end of its directory")


def test_a_directory_keeps_the_data_and_only_one_broker_uses_it(tmp_path: Path) -> None:
    with Broker(directory=tmp_path) as first:
        create_topic(first.bootstrap, "kept")
        with pytest.raises(BrokerError, match="another Broker runs in"):
            Broker(directory=tmp_path).start()
        address = first.bootstrap
    with Broker(directory=tmp_path) as second:
        assert second.bootstrap == address
        assert topics(second.bootstrap) == ["kept"]


def test_a_node_can_be_frozen_killed_and_started_again_on_its_port() -> None:
    with Broker() as private:
        (node,) = private.nodes
        create_topic(private.bootstrap, "kept")
        node.pause()
        assert live_brokers(node.address, timeout=0.3) == set()
        node.resume()
        assert live_brokers(node.address, timeout=PATIENCE) == {1}
        node.kill()
        assert node.process is None
        host, port = node.address.split(":")
        with socket.create_server((host, int(port))):
            node.start()
            with pytest.raises(BrokerError, match=r"node 1 at .* died: its port is taken by another program"):
                node.wait()
        node.restart()
        assert topics(private.bootstrap) == ["kept"]


def test_a_broker_that_does_not_run_says_so() -> None:
    with pytest.raises(BrokerError, match="does not run"):
        _ = Broker().bootstrap


@pytest.mark.parametrize("size", [0, 2, -1, 4])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"brokers is {size}: 1 or 3"):
        Broker(size)


def test_two_commands_at_the_same_moment_get_one_broker_and_down_leaves_no_process(home: Path) -> None:
    answers = at_the_same_moment("from ecomkafka.broker import up", "print(up().pids)", times=2)
    status = embedded.status()
    assert status is not None
    assert answers == [(f"{status.pids}\n", "")] * 2
    assert embedded.bootstrap() == status.bootstrap
    assert (status.brokers, status.version, status.external) == (1, Broker.version, False)
    assert len(running_in(home)) == 1
    assert embedded.down()
    assert running_in(home) == []
    assert embedded.status() is None
    assert not embedded.down()


def test_a_killed_broker_comes_back_with_its_address_and_data(home: Path) -> None:
    before = embedded.up()
    create_topic(before.bootstrap, "kept")
    psutil.Process(before.pids[0]).kill()
    eventually(lambda: embedded.status() is None, "the broker's end")
    assert embedded.bootstrap() == before.bootstrap
    assert topics(before.bootstrap) == ["kept"]


def test_a_taken_port_is_replaced_and_a_stale_pid_file_means_nothing(home: Path) -> None:
    before = embedded.up()
    create_topic(before.bootstrap, "kept")
    embedded.down()
    pid_file = home / "data" / "brokers-1" / "node-1" / "pid"
    pid_file.write_text(str(os.getpid()), encoding="utf-8")
    assert embedded.status() is None
    host, port = before.bootstrap.split(":")
    with socket.create_server((host, int(port))):
        after = embedded.up()
    assert after.bootstrap != before.bootstrap
    assert topics(after.bootstrap) == ["kept"]


def test_three_nodes_replicate_and_survive_the_loss_of_one(home: Path) -> None:
    status = embedded.up(3)
    assert len(status.pids) == len(status.bootstrap.split(",")) == 3
    create_topic(status.bootstrap, "replicated")
    with closing(Cluster.of(status.bootstrap).admin()) as admin:
        admin.wait_for_topics(["replicated"])

        def in_sync() -> int:
            (topic,) = admin.describe_topics(["replicated"])
            return sum(len(partition["isr_nodes"]) for partition in topic["partitions"])

        eventually(lambda: in_sync() == 3, "three replicas in sync")
    psutil.Process(status.pids[0]).kill()
    eventually(lambda: len(embedded.status().pids) == 2, "the loss of a node")  # type: ignore[union-attr]
    with pytest.raises(BrokerError, match=r"a cluster of 3 runs, not of 1: run 'ecomkafka down' first"):
        embedded.up(1)
    again = embedded.up()
    assert (again.bootstrap, len(again.pids)) == (status.bootstrap, 3)
    assert embedded.down()
    assert running_in(home) == []


def test_wipe_deletes_the_data_of_a_stopped_broker_only(home: Path) -> None:
    embedded.up()
    with pytest.raises(BrokerError, match="run 'ecomkafka down' first"):
        embedded.wipe()
    embedded.down()
    assert list((home / "data").rglob("*.log")) != []
    embedded.wipe()
    assert list((home / "data").rglob("*.log")) == []


def test_a_full_disk_is_named_before_anything_starts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MIN_FREE_MB", 10**9)
    with pytest.raises(BrokerError, match=r"the disk of .* has \d+ MB left, and 1 broker\(s\) need 1000000000 MB"):
        embedded.up()
    assert running_in(home) == []


def test_a_wrong_java_is_named_before_anything_starts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_JAVA", str(home / "java"))
    with pytest.raises(BrokerError, match=r"no Java at .*unset ECOMKAFKA_JAVA"):
        embedded.up()
    assert running_in(home) == []


def test_a_damaged_cluster_file_is_named(home: Path) -> None:
    (shared.directory(1) / "cluster.json").write_text("{", encoding="utf-8")
    with pytest.raises(BrokerError, match=r"cluster\.json is damaged .* delete "):
        embedded.up()
    (shared.directory(1) / "cluster.json").unlink()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(BrokerError, match=r"file.home can't be made a folder .* point ECOMKAFKA_HOME"):
        embedded.down()


def test_a_command_that_never_ends_holds_up_the_next_only_so_long(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "LOCK_SECONDS", 0.1)
    with FileLock(home / "run" / "broker.lock"), pytest.raises(BrokerError, match="another command has been"):
        embedded.up()


def test_an_existing_cluster_is_used_instead(home: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    assert embedded.bootstrap() == broker.bootstrap
    status = embedded.status()
    assert status is not None
    assert (status.external, status.brokers, status.pids) == (True, 1, ())
    assert running_in(home) == []


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [("127.0.0.1:9", "no Kafka answers at ECOMKAFKA_BOOTSTRAP=127.0.0.1:9"), ("nonsense", "'host:port' is needed")],
)
def test_an_existing_cluster_that_does_not_answer_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, setting: str, sentence: str
) -> None:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", setting)
    with pytest.raises(BrokerError, match=sentence):
        embedded.bootstrap()
