"""How long each request of each client may be waited for: read from the clients while they work, and felt by a service
of which one answer of each kind is lost.
"""

import time
from collections import defaultdict
from contextlib import closing
from dataclasses import replace

import pytest
from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError
from kafka.net.connection import KafkaConnection
from kafka.protocol.api_key import ApiKey

from ecomkafka.broker import Broker
from ecomkafka.broker.security.passwords import forget_passwords, set_passwords
from ecomkafka.chaos.result import RECOVERY_SECONDS
from ecomkafka.classroom import quotas, rights
from ecomkafka.clients import Cluster, kafka_cluster
from ecomkafka.clients.admin import create_topics, delete_topics, describe_topics
from ecomkafka.clients.connections import CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS
from ecomkafka.clients.groups import lags, leave, memberships
from ecomkafka.clients.reader import partitions_of, positions, read_to
from ecomkafka.faults.network_proxy import Fault, Proxy
from tests.waiting import PATIENCE, eventually
from tests.workers import REQUESTS, Counting, ask, exactly_once

RECOVERED_SECONDS = 120.0
"""Much more than a busy machine needs, and much less than the 305 s of kafka-python's JoinGroup."""

OF_A_SERVICE = (
    *("FindCoordinator", "JoinGroup", "SyncGroup", "Heartbeat", "OffsetFetch"),
    *("ListOffsets", "Fetch", "InitProducerId", "Produce"),
    *("TxnOffsetCommit", "EndTxn"),
)
"""Every kind of request that a service sends while it works: its consumer's, then its producer's."""

OF_A_NEW_CONNECTION = ("ApiVersions", "Metadata")

OF_AN_ADMINISTRATOR = (
    *("CreateTopics", "DeleteTopics", "DescribeConfigs", "DescribeGroups", "DescribeTransactions"),
    *("DescribeProducers", "ListGroups", "ListTransactions", "DeleteGroups", "LeaveGroup", "OffsetFetch"),
    *("DescribeCluster", "IncrementalAlterConfigs", "CreatePartitions", "DeleteRecords", "CreateAcls", "DeleteAcls"),
    *("AlterClientQuotas", "AlterUserScramCredentials", "DescribeUserScramCredentials"),
)


@pytest.fixture
def proxy():
    with Proxy() as running:
        yield running


@pytest.fixture
def limits(monkeypatch):
    """The longest limit of each kind of request that any client sends from now on, in seconds."""
    longest = defaultdict(float)
    send = KafkaConnection._send_request

    def watched(connection, request, future=None, timeout_at=None):
        answer = send(connection, request, future, timeout_at)
        if connection.in_flight_requests:
            _, waiting, sent_at, until, _ = connection.in_flight_requests[-1]
            if waiting is answer:
                kind = ApiKey(request.API_KEY).name
                longest[kind] = max(longest[kind], until - sent_at)
        return answer

    monkeypatch.setattr(KafkaConnection, "_send_request", watched)
    return longest


def administer(cluster):
    """One request of each kind that an administrator sends."""
    other = replace(cluster, namespace=f"{cluster.namespace}-other")
    create_topics(other)
    delete_topics(other)
    describe_topics(cluster)
    memberships(cluster)
    with closing(cluster.admin()) as admin:
        admin.list_groups()
        admin.list_transactions()
        admin.describe_producers([TopicPartition(cluster.name(REQUESTS), 0)])
        admin.describe_cluster()
        admin.delete_groups([cluster.name("nobody")])
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, cluster.name(REQUESTS), {"retention.ms": "-1"})])
        admin.create_partitions({cluster.name(REQUESTS): 4})
        eventually(lambda: partitions(admin, cluster.name(REQUESTS)) == 4, "the broker knows the new partition")
        admin.delete_records({TopicPartition(cluster.name(REQUESTS), 3): 0})
        set_passwords(admin, {"nobody": "secret"})
        forget_passwords(admin, ["nobody"])
        quotas.limit(admin, ["nobody"])
        quotas.unlimit(admin, ["nobody"])
        for change in (rights.grant, rights.revoke):
            with pytest.raises((RuntimeError, KafkaError), match="SecurityDisabled"):
                change(admin, ["nobody"])
    lags(cluster)
    leave(cluster, cluster.name("nobody"), "nobody-0")


def partitions(admin, topic):
    return len(admin.describe_topics([topic])[0]["partitions"])


def test_no_request_of_any_client_may_be_waited_for_longer_than_a_recovery_may_take(cluster, limits):
    with Counting(cluster) as first:
        ask(cluster, 9)
        exactly_once(cluster, 9)
        with Counting(cluster, "1"):  # both join anew
            ask(cluster, 9, start=9)
            exactly_once(cluster, 18)
        assert first.status == "running"
    administer(cluster)
    assert {*OF_A_SERVICE, *OF_A_NEW_CONNECTION, *OF_AN_ADMINISTRATOR} <= limits.keys()
    assert {kind: limit for kind, limit in limits.items() if limit > RECOVERY_SECONDS} == {}


@pytest.mark.parametrize("kind", ["producer", "consumer", "admin"])
def test_a_connection_that_is_being_made_is_not_waited_for_longer_than_a_request(cluster, kind):
    with closing(getattr(cluster, kind)()) as client:
        settings = {name: value for name, value in connections_of(client).config.items() if "setup_timeout" in name}
    assert settings == {
        "socket_connection_setup_timeout_ms": CONNECT_TIMEOUT_MS,
        "socket_connection_setup_timeout_max_ms": CONNECT_TIMEOUT_MS,
    }
    assert CONNECT_TIMEOUT_MS < REQUEST_TIMEOUT_MS


def connections_of(client):
    sender = getattr(client, "_sender", None)  # a producer's client is its sender's
    return (sender or client)._client._manager


@pytest.fixture
def impatient(monkeypatch):
    """A request may take two seconds: a busy machine's broker answers sooner."""
    for settings in (kafka_cluster._PRODUCER, kafka_cluster._CONSUMER):
        monkeypatch.setitem(settings, "request_timeout_ms", 2_000)


@pytest.mark.parametrize("kind", OF_A_SERVICE)
def test_a_service_goes_on_after_one_lost_answer_of_each_kind(cluster, proxy, impatient, kind):
    """The connection stays open and is silent about it, while a second instance joins and the first one works."""
    with Counting(proxy.through(cluster)):
        ask(cluster, 9)
        exactly_once(cluster, 9)
        rule = proxy.on(ApiKey[kind], Fault.SWALLOW_ANSWER)
        with Counting(proxy.through(cluster), "1"):
            ask(cluster, 9, start=9)
            exactly_once(cluster, 18, timeout=RECOVERED_SECONDS)
        assert rule.happened.is_set()


@pytest.mark.parametrize("kind", OF_A_NEW_CONNECTION)
def test_a_service_that_has_to_connect_anew_goes_on_after_one_lost_answer(cluster, proxy, impatient, kind):
    with Counting(proxy.through(cluster)):
        ask(cluster, 9)
        exactly_once(cluster, 9)
        rule = proxy.on(ApiKey[kind], Fault.SWALLOW_ANSWER)
        proxy.cut()
        ask(cluster, 9, start=9)
        exactly_once(cluster, 18, timeout=RECOVERED_SECONDS)
        assert rule.happened.is_set()


def test_positions_are_given_in_time_while_nobody_answers_where_a_new_leader_s_log_begins(proxy, monkeypatch):
    """A reader of all topics asked one position after the other: each call waited for as long as a request may take."""
    monkeypatch.setitem(kafka_cluster._CONSUMER, "request_timeout_ms", 300_000)
    with Broker() as broker:
        cluster = proxy.through(Cluster.of(broker.bootstrap, "positions"))
        create_topics(cluster)
        ask(cluster, 9)
        with cluster.consumer() as consumer:
            places = partitions_of(consumer, cluster, REQUESTS)
            ends = consumer.end_offsets(places)
            assert len(list(read_to(consumer, cluster, dict.fromkeys(places, 0), ends, timeout=PATIENCE))) == 9
            rule = proxy.on(ApiKey.OffsetForLeaderEpoch, Fault.SWALLOW_ANSWER, times=1_000)
            broker.nodes[0].restart()  # it leads in a new epoch
            eventually(lambda: not consumer.poll(100) and rule.happened.is_set(), "the reader asks")
            began = time.monotonic()
            known = positions(consumer, places)
            waited = time.monotonic() - began
    assert sum(known.values()) >= 9
    assert waited < 300  # no request was waited for until its limit
