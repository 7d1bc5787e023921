"""Each private part of kafka-python that the package needs does on the broker what `clients/internals` says of it.

Tests of "the bare client" show that kafka-python still has the fault: one that fails after an upgrade tells that a
function may go.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatch
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import NewTopic
from kafka.consumer.fetcher import ConsumerRecord, Fetcher
from kafka.errors import KafkaError, KafkaTimeoutError, LeaderNotAvailableError, RetriableError
from kafka.protocol.admin import AlterClientQuotasRequest
from kafka.protocol.metadata import ApiVersionsRequest, CoordinatorType
from kafka.protocol.producer.transaction import WriteTxnMarkersRequest
from kafka.record import MemoryRecords

from ecomkafka.broker import Broker
from ecomkafka.broker.security.certificates import Authority
from ecomkafka.clients import Cluster
from ecomkafka.clients.internals import batches, client_connections, cluster_metadata, consumer_state
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.faults.network_proxy import Proxy
from tests.waiting import PATIENCE, eventually
from tests.workers import REQUESTS

PATIENCE_MS = int(1_000 * PATIENCE)


def place_of(cluster: Cluster, partition: int = 0) -> TopicPartition:
    return TopicPartition(cluster.name(REQUESTS), partition)


# --- connections


def test_of_half_open_connections_that_are_closed_none_is_waited_for(cluster: Cluster) -> None:
    place = place_of(cluster)
    with Proxy() as proxy, proxy.through(cluster).consumer(request_timeout_ms=500_000) as consumer:
        assert consumer.beginning_offsets([place]) == {place: 0}
        proxy.half_open()
        client_connections.reconnect(consumer)
        assert consumer.beginning_offsets([place], timeout_ms=PATIENCE_MS) == {place: 0}


def test_force_close_ends_a_producer_whose_records_have_no_answer(cluster: Cluster) -> None:
    with Proxy() as proxy:
        producer = proxy.through(cluster).producer(client_id="unanswered")
        producer.send(cluster.name(REQUESTS), b"first", partition=0).get(timeout=PATIENCE)
        (sender,) = (thread for thread in threading.enumerate() if "unanswered" in thread.name)
        proxy.half_open()
        producer.send(cluster.name(REQUESTS), b"second", partition=0)
        with pytest.raises(KafkaTimeoutError):
            producer.close(timeout=0.1)
        client_connections.force_close(producer)
        producer.close(timeout=PATIENCE)
        assert not sender.is_alive()


@pytest.fixture
def guessing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster that asks for an account, and a password that is wrong."""
    from ecomkafka.classroom import student_accounts
    from ecomkafka.classroom.room import Room

    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))
    room = Room()
    room.start()
    try:
        student_accounts.add(room.cluster(), ["anna"])
        yield Cluster(room.cluster().bootstrap, "anna", user="anna", password="guessed")
    finally:
        room.stop()


def test_report_refused_password_names_what_the_bare_client_takes_for_silence(
    guessing: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConnectionError, match="refuses user 'anna' with this password"):
        guessing.admin()
    monkeypatch.setattr("ecomkafka.clients.kafka_cluster.report_refused_password", lambda connections: None)
    with pytest.raises(ConnectionError, match="no Kafka answers"):
        guessing.admin()


def test_bound_handshake_gives_up_where_the_bare_client_waits_for_ever(tmp_path: Path) -> None:
    """By `bound_handshake`, at something that accepts connections and is silent."""
    ca = Authority(tmp_path).create().certificate
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ConnectionError, match="accepts connections and answers nothing"):
            Cluster((address,), ca=str(ca)).admin(bootstrap_timeout_ms=500)

        def bare() -> None:
            settings = {"security_protocol": "SSL", "ssl_cafile": str(ca), "bootstrap_timeout_ms": 500}
            with suppress(KafkaError):
                KafkaConsumer(bootstrap_servers=address, **settings)

        waiting = threading.Thread(target=bare)
        waiting.start()
        waiting.join(2.0)
        assert waiting.is_alive()
        while waiting.is_alive():  # until somebody hangs up
            silent.accept()[0].close()
            waiting.join(0.1)


def test_send_asks_any_broker_or_the_one_that_is_named(cluster: Cluster) -> None:
    request = ApiVersionsRequest(client_software_name="test", client_software_version="1")
    with closing(cluster.admin()) as admin:
        (broker,) = admin.describe_cluster()["brokers"]
        for node in (None, broker["broker_id"]):
            known = {key.api_key for key in client_connections.send(admin, request, node).api_keys}
            assert {AlterClientQuotasRequest.API_KEY, WriteTxnMarkersRequest.API_KEY} <= known


# --- what a client knows of the cluster


def test_forget_coordinators_lets_them_be_looked_up_again(cluster: Cluster) -> None:
    name = cluster.name("payer")
    with TransactionalProducer(cluster, "payer"), closing(cluster.admin()) as admin:
        metadata = cluster_metadata.metadata_of(admin)
        admin.describe_transactions([name])
        known = metadata.get_coordinator(name, CoordinatorType.TRANSACTION)
        assert known is not None
        cluster_metadata.forget_coordinators(metadata)
        assert metadata.get_coordinator(name, CoordinatorType.TRANSACTION) is None
        admin.describe_transactions([name])
        assert metadata.get_coordinator(name, CoordinatorType.TRANSACTION) == known


def test_track_topic_lets_one_refresh_tell_its_partitions(cluster: Cluster) -> None:
    requests = cluster.requests("test")
    try:
        metadata = requests.connections.cluster
        assert metadata.partitions_for_topic(cluster.name(REQUESTS)) is None
        cluster_metadata.track_topic(metadata, cluster.name(REQUESTS))
        requests.ask(PATIENCE, "the partitions are known", metadata.refresh_metadata)
        assert metadata.partitions_for_topic(cluster.name(REQUESTS)) == {0, 1, 2}
    finally:
        requests.close()


# --- a consumer's state


def half_read_then_paused(cluster: Cluster, consumer: KafkaConsumer) -> TopicPartition:
    """A partition that is paused when half of what was fetched is read, and then another one, read to its end."""
    first, second = (place_of(cluster, partition) for partition in (0, 1))
    with closing(cluster.producer()) as producer:
        for partition in (0, 1):
            for _ in range(4):
                producer.send(cluster.name(REQUESTS), b"{}", partition=partition)
        producer.flush(timeout=PATIENCE)
    consumer.assign([first])
    assert len(consumer.poll(timeout_ms=5_000)[first]) == 2
    consumer.assign([first, second])
    consumer.pause(first)
    rest = [record for _ in range(3) for record in consumer.poll(timeout_ms=1_000).get(second, ())]
    assert len(rest) == 4
    return first


def test_the_bare_client_never_goes_on_with_a_paused_partition(cluster: Cluster) -> None:
    with cluster.consumer(max_poll_records=2) as consumer:
        consumer.resume(half_read_then_paused(cluster, consumer))
        assert not any(consumer.poll(timeout_ms=300) for _ in range(5))


def test_resume_goes_on_with_a_paused_partition_where_it_was(cluster: Cluster) -> None:
    with cluster.consumer(max_poll_records=2) as consumer:
        first = half_read_then_paused(cluster, consumer)
        consumer_state.resume(consumer, first)
        assert [record.offset for record in consumer.poll(timeout_ms=5_000)[first]] == [2, 3]


def left_while_it_joined(cluster: Cluster, broker: Broker, consumer: KafkaConsumer) -> None:
    """`consumer` joins before its topic exists, then again; its `poll` ends before the answer, which has the topic."""
    topic, group = cluster.name("late-topic"), cluster.name("group")
    (node,) = broker.nodes
    consumer.subscribe([topic])
    with closing(cluster.admin()) as admin:

        def member() -> Any:
            with suppress(RetriableError):  # the first group of a broker has no coordinator yet
                described = admin.describe_groups([group])[group]
                return described["group_state"] == "Stable" and described["members"][0]["member_assignment"]

        def known() -> Any:
            with suppress(RetriableError):  # a topic of this moment is not known everywhere yet
                return consumer.partitions_for_topic(topic)

        eventually(lambda: consumer.poll(timeout_ms=1_000) or member(), "it has joined, with nothing")
        admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
        eventually(known, "it knows the topic")
        node.pause()
        try:
            consumer.poll(timeout_ms=300)
        finally:
            node.resume()
        eventually(lambda: topic in str(member()), "the broker has given it the partition")


def test_the_bare_client_forgets_that_it_has_joined(cluster: Cluster, broker: Broker) -> None:
    settings = {"group_id": cluster.name("group"), "metadata_max_age_ms": 200}
    with closing(KafkaConsumer(bootstrap_servers=list(cluster.bootstrap), **settings)) as consumer:
        left_while_it_joined(cluster, broker, consumer)
        for _ in range(10):
            consumer.poll(timeout_ms=300)
        assert consumer.assignment() == set()


def test_keep_joining_joins_until_it_has_partitions(cluster: Cluster, broker: Broker) -> None:
    """Every consumer of a cluster has `keep_joining`."""
    with closing(cluster.consumer("group", metadata_max_age_ms=200)) as consumer:
        left_while_it_joined(cluster, broker, consumer)
        eventually(lambda: consumer.poll(timeout_ms=1_000) or consumer.assignment(), "it has its partition")


def test_report_missing_leader_names_the_partition_whose_broker_is_dead() -> None:
    """By `report_missing_leader`: of three partitions two have a leader. A bare client raises KeyError."""
    with Broker(3) as broker:
        cluster = Cluster.of(broker.bootstrap, "leaderless")
        topic = cluster.name("single")
        with closing(cluster.admin()) as admin:
            admin.create_topics([NewTopic(topic, num_partitions=3, replication_factor=1)])
            admin.wait_for_topics([topic])
        places = [TopicPartition(topic, partition) for partition in range(3)]
        with closing(cluster.consumer(metadata_max_age_ms=200)) as consumer:
            assert consumer.end_offsets(places) == dict.fromkeys(places, 0)
            broker.nodes[0].kill()

            def is_named() -> bool:
                try:
                    consumer.end_offsets(places)
                except LeaderNotAvailableError as error:
                    return topic in str(error)
                except KafkaError:
                    return False
                return False

            eventually(is_named, "the partition without a leader is named")


def test_is_fenced_tells_what_polling_does_not(cluster: Cluster) -> None:
    topic = cluster.name(REQUESTS)
    with cluster.consumer("group", "one") as older, cluster.consumer("group", "one") as newer:
        older.subscribe([topic])
        eventually(lambda: older.poll(timeout_ms=100) or older.assignment(), "the older one has partitions")
        assert not consumer_state.is_fenced(older)
        newer.subscribe([topic])
        eventually(lambda: newer.poll(timeout_ms=100) or newer.assignment(), "the newer one has partitions")
        eventually(lambda: older.poll(timeout_ms=100) or consumer_state.is_fenced(older), "the older one is fenced")
        assert older.poll(timeout_ms=100) == {}
        assert not consumer_state.is_fenced(newer)


# --- batches of records


def write(cluster: Cluster, *values: bytes, committed: bool) -> None:
    """One transaction with these records, whose batch is packed by `batches.transactional`."""
    with TransactionalProducer(cluster, f"writer-{committed}") as producer:
        producer.begin()
        for value in values:
            producer.send(cluster.name(REQUESTS), b"k", value, [("h", b"1")], partition=0)
        producer.flush()
        if committed:
            producer.commit({}, None)
        else:
            producer.abort()


def read_with(cluster: Cluster, records: type[Fetcher.PartitionRecords], **settings: str) -> list[ConsumerRecord]:
    """All of partition 0, up to its end, unpacked by this class."""
    place, found = place_of(cluster), []
    with cluster.consumer(**settings) as consumer:
        batches.unpack_with(consumer, records)
        consumer.assign([place])
        end = consumer.end_offsets([place])[place]
        eventually(lambda: found.extend(consumer.poll(100).get(place, ())) or consumer.position(place) >= end, "all")
    return found


def test_transactional_makes_a_batch_that_the_broker_and_the_bare_client_take(cluster: Cluster) -> None:
    write(cluster, b"first", b"second", committed=True)
    found = read_with(cluster, Fetcher.PartitionRecords)
    assert [(record.value, record.headers) for record in found] == [
        (b"first", [("h", b"1")]),
        (b"second", [("h", b"1")]),
    ]


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4"])
def test_fetched_records_unpack_with_a_codec_of_our_own(cluster: Cluster, codec: str | None) -> None:
    """`uncompressed` gives what another codec can read, whatever the batch was compressed with."""

    values: list[bytes] = []

    class Values(batches.FetchedRecords):
        def unpack(self, fetched: MemoryRecords) -> Iterator[ConsumerRecord]:
            while (batch := fetched.next_batch()) is not None:
                values.extend(record.value for record in DefaultRecordBatch(batches.uncompressed(batch)))
                self.next_fetch_offset = batch.next_offset
            self.drain()
            yield from ()

    with closing(cluster.producer(compression_type=codec)) as producer:
        for number in range(3):
            producer.send(cluster.name(REQUESTS), b"%d" % number * 100, partition=0)
        producer.flush(timeout=PATIENCE)
    assert read_with(cluster, Values) == []
    assert values == [b"0" * 100, b"1" * 100, b"2" * 100]


@pytest.mark.parametrize(("level", "values"), [("read_committed", [b"b"]), ("read_uncommitted", [b"a", b"b"])])
def test_is_visible_leaves_out_markers_and_what_was_aborted(cluster: Cluster, level: str, values: list[bytes]) -> None:
    """As the bare client does."""
    from ecomkafka.clients.record_batches import Unpacked

    write(cluster, b"a", committed=False)
    write(cluster, b"b", committed=True)
    for records in (Unpacked, Fetcher.PartitionRecords):
        assert [record.value for record in read_with(cluster, records, isolation_level=level)] == values
