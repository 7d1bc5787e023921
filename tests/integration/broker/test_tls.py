"""The embedded broker with TLS: a CA of its own, accounts, and everything as without."""

import os
import re
import ssl
import stat
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError
from kafka.protocol.api_key import ApiKey

from ecomkafka.broker import Broker, BrokerError
from ecomkafka.broker import broker as shared_broker
from ecomkafka.broker.security.certificates import Authority
from ecomkafka.broker.security.renewal import renew
from ecomkafka.clients import Cluster
from ecomkafka.clients.access import knock
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.faults.fault_rules import Fault
from ecomkafka.faults.network_proxy import Proxy
from ecomkafka.shop import Shop
from tests.commands import Here
from tests.waiting import PATIENCE, eventually


@pytest.fixture(scope="module")
def encrypted() -> Iterator[Broker]:
    with Broker(tls=True) as running:
        yield running


@pytest.fixture
def cluster(encrypted: Broker, request: pytest.FixtureRequest) -> Cluster:
    """With one topic, `words`."""
    fresh = Cluster.of(encrypted.bootstrap, f"t{abs(hash(request.node.name))}")
    topic = fresh.name("words")
    with closing(fresh.admin()) as admin:
        admin.create_topics([NewTopic(topic, 1, len(encrypted.nodes))])
        admin.wait_for_topics([topic], timeout_ms=10_000)
    return fresh


def hear(cluster: Cluster, count: int) -> list[bytes]:
    place = TopicPartition(cluster.name("words"), 0)
    heard: list[bytes] = []
    with closing(cluster.consumer()) as consumer:
        consumer.assign([place])
        while len(heard) < count:
            records = eventually(lambda: consumer.poll(200), f"{count} words")
            heard += [record.value for record in records[place]]
    return heard


def say(cluster: Cluster, word: bytes, name: str = "writer") -> None:
    """In a transaction."""
    with closing(cluster.producer(name)) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(cluster.name("words"), word)
        producer.commit_transaction()


def says_in_the_end(cluster: Cluster, word: bytes) -> bool:
    """Whether it was said now; while leaders move it may take some attempts."""
    try:
        with TransactionalProducer(cluster, "second") as producer:
            producer.begin()
            producer.send(cluster.name("words"), b"key", word, [])
            producer.commit({}, None)
    except (KafkaError, ConnectionError):
        return False
    return True


def shown_by(address: str, ca: str) -> bytes:
    """The certificate that a new connection sees."""
    host, port = address.split(":")
    return ssl.get_server_certificate((host, int(port)), ca_certs=ca, timeout=PATIENCE).encode()


def test_a_shop_runs_as_it_does_without(encrypted: Broker, tmp_path: Path) -> None:
    with Shop(Cluster.of(encrypted.bootstrap, "shop")) as shop:
        assert shop.wait(shop.order("ann", {"LAPTOP-001": 1})) == "CONFIRMED"


def test_a_process_of_a_service_gets_in(cluster: Cluster, tmp_path: Path) -> None:
    from ecomkafka.clients.admin import create_topics
    from ecomkafka.operations.service_process import ServiceProcess

    create_topics(cluster)
    with ServiceProcess(cluster, "inventory", home=tmp_path) as service:
        assert service.is_alive


def test_nobody_else_can_read_the_keys(encrypted: Broker, cluster: Cluster) -> None:
    folder = encrypted.nodes[0].data.parent
    secrets = [Path(cluster.ca).parent / "ca-key.pem", Path(cluster.ca).parent / "admin", folder / "node.pem"]
    if os.name != "nt":
        assert {stat.S_IMODE(file.stat().st_mode) for file in (*secrets, folder / "server.properties")} == {0o600}
    assert "PRIVATE" not in Path(cluster.ca).read_text()


def test_the_controller_encrypts_too(encrypted: Broker, cluster: Cluster) -> None:
    """It answers a TLS handshake, and nothing that is not encrypted."""
    properties = (encrypted.nodes[0].data.parent / "server.properties").read_text()
    controller = re.search(r"^listeners=.*CONTROLLER://(\S+)$", properties, re.MULTILINE)
    assert controller
    with knock.connected(controller[1], 5.0, cluster.access.tls_context()):
        pass
    with knock.connected(controller[1], 5.0) as plain, pytest.raises((struct.error, ConnectionError)):
        knock.ask(plain, knock.API_VERSIONS)


def test_both_names_of_this_machine_are_in_the_certificate(encrypted: Broker, cluster: Cluster) -> None:
    by_name = replace(cluster, bootstrap=(cluster.bootstrap[0].replace("127.0.0.1", "localhost"),))
    say(by_name, b"hello")
    assert hear(by_name, 1) == [b"hello"]


def test_a_renewed_certificate_counts_for_new_connections_and_open_ones_go_on(
    encrypted: Broker, cluster: Cluster
) -> None:
    (node,) = encrypted.nodes
    with closing(cluster.producer()) as producer:
        producer.send(cluster.name("words"), b"before").get(timeout=PATIENCE)
        for _ in range(3):
            before = shown_by(node.address, cluster.ca)
            renew(node, Cluster.of(encrypted.bootstrap))
            eventually(lambda old=before: shown_by(node.address, cluster.ca) != old, "the new certificate")
        producer.send(cluster.name("words"), b"after").get(timeout=PATIENCE)
    assert hear(cluster, 2) == [b"before", b"after"]


def test_kafka_s_refusal_of_a_certificate_is_told(encrypted: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another subject, for example: Kafka takes that for another node's."""
    (node,) = encrypted.nodes
    authority, file = Authority(node.data.parents[1] / "tls"), node.data.parent / "node.pem"
    monkeypatch.setattr(node, "equip", lambda: file.write_text(authority.issue("node-2", ["127.0.0.1"])))
    with pytest.raises(BrokerError, match=r"node 1 does not take its new certificate .*: stop it and start it again"):
        renew(node, Cluster.of(encrypted.bootstrap))
    monkeypatch.undo()
    renew(node, Cluster.of(encrypted.bootstrap))


def test_kafka_streams_gets_in(cluster: Cluster) -> None:
    from ecomkafka.streams.engine import Engine
    from ecomkafka.streams.java_machine import start_java

    start_java()
    from org.apache.kafka.streams import StreamsBuilder

    say(cluster, b"for streams")
    plan = StreamsBuilder()
    plan.stream(cluster.name("words"))
    with Engine(cluster, "copy", plan.build()) as engine:
        engine.settle()
        assert engine.state == "RUNNING"


# Faults


def test_a_lost_answer_is_a_fault_over_tls_as_well(cluster: Cluster) -> None:
    """Client and broker both encrypt; the proxy between them shows a certificate of the broker's CA."""
    with Proxy() as proxy, TransactionalProducer(proxy.through(cluster), "payer") as producer:
        assert proxy.through(cluster).access == cluster.access
        rule = proxy.on(ApiKey.EndTxn, Fault.LOSE_ANSWER)
        producer.begin()
        producer.send(cluster.name("words"), b"key", b"once", [])
        producer.commit({}, None)
        assert rule.happened.is_set()
    assert hear(cluster, 1) == [b"once"]


def test_a_sealed_proxy_reads_nothing_and_cuts(cluster: Cluster) -> None:
    with Proxy(sealed=True) as proxy, proxy.tapped() as wire:
        through = proxy.through(cluster)
        assert through.ca == cluster.ca
        with closing(through.producer()) as producer:
            producer.send(cluster.name("words"), b"a secret that nobody hears").get(timeout=PATIENCE)
            proxy.cut()
            producer.send(cluster.name("words"), b"after the cut").get(timeout=PATIENCE)
    assert len(wire) > 1_000
    assert not [word for word in (b"secret", b"words", cluster.password.encode()) if word in wire]
    assert hear(cluster, 2) == [b"a secret that nobody hears", b"after the cut"]


# Others of its kind


def test_three_nodes_of_which_one_is_killed() -> None:
    with Broker(3, tls=True) as broker:
        cluster = Cluster.of(broker.bootstrap, "three")
        with closing(cluster.admin()) as admin:
            admin.create_topics([NewTopic("three.words", 1, 3)])
            admin.wait_for_topics(["three.words"], timeout_ms=10_000)
        say(cluster, b"all three")
        broker.nodes[0].kill()
        eventually(lambda: says_in_the_end(cluster, b"two of them"), "a transaction on two nodes")
        assert hear(cluster, 2)[:2] == [b"all three", b"two of them"]


def test_the_shared_broker_is_encrypted_and_every_command_gets_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))
    try:
        status = shared_broker.up(1, tls=True)
        assert Authority.beside(status.ca)
        with pytest.raises(BrokerError, match="a cluster with TLS runs: run 'ecomkafka down' first"):
            shared_broker.up(1, tls=False)
        assert shared_broker.up().ca == status.ca
        commands = Here(tmp_path)
        assert "created orders.events" in commands.ok("create-topics")
        assert f"encrypted, CA {status.ca}" in commands.ok("status")
        (broker,) = [row for row in commands.json("doctor")["findings"] if row["what"] == "broker"]
        assert broker["good"]
    finally:
        shared_broker.down()
