"""A broker's own metrics: what matters is there, a hanging transaction is seen, and it is little enough to keep."""

import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ecomkafka.broker import Broker, BrokerError
from ecomkafka.broker import broker as shared_broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from tests.commands import Here
from tests.waiting import PATIENCE, eventually

EXPECTED = {
    *("kafka_topic_messagesin_total", "kafka_topic_bytesin_total"),
    *("kafka_replica_manager_underreplicatedpartitions", "kafka_replica_manager_offlinereplicacount"),
    *("kafka_replica_manager_partitionswithlatetransactionscount", "kafka_partition_last_stable_offset_lag"),
    *("kafka_controller_activecontrollercount", "kafka_controller_offlinepartitionscount"),
    *("kafka_request_milliseconds", "kafka_raft_current_leader", "kafka_raft_high_watermark"),
    "jvm_memory_used_bytes",
}


def samples(broker: Broker) -> dict[str, dict[str, float]]:
    """By name, and by the text of the labels."""
    with urllib.request.urlopen(broker.nodes[0].metrics_url, timeout=PATIENCE) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    found: dict[str, dict[str, float]] = {}
    for sample in (sample for family in families for sample in family.samples):
        found.setdefault(sample.name, {})[",".join(sorted(sample.labels.values()))] = sample.value
    return found


def test_a_broker_shows_what_matters_and_a_transaction_that_hangs(tmp_path: Path) -> None:
    with Broker(directory=tmp_path, metrics=True) as broker:
        cluster = Cluster.of(broker.bootstrap, "shop")
        create_topics(cluster)
        topic = cluster.name("orders.events")
        with cluster.producer("hangs") as producer:
            producer.init_transactions()
            producer.begin_transaction()
            producer.send(topic, b"{}", partition=0).get(timeout=PATIENCE)

            def hangs() -> float:
                return samples(broker)["kafka_partition_last_stable_offset_lag"][f"0,{topic}"]

            eventually(lambda: hangs() > 0, "the open transaction")
            found = samples(broker)
            assert set(found) >= EXPECTED
            assert found["kafka_topic_messagesin_total"][topic] == 1
            assert not [name for name in found if not name.startswith(("kafka_", "jvm_", "process_", "jmx_"))]
            assert sum(map(len, found.values())) < 500
            producer.commit_transaction()
            eventually(lambda: hangs() == 0, "the end of the transaction")
        url = broker.nodes[0].metrics_url
        broker.nodes[0].restart()
        assert broker.nodes[0].metrics_url == url
        assert samples(broker)["kafka_controller_activecontrollercount"] == {"": 1}


def test_the_shared_broker_shows_them_where_status_says_until_it_is_started_without(tmp_path: Path) -> None:
    commands = Here(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_HOME", str(tmp_path))
        try:
            (url,) = shared_broker.up(metrics=True).metrics
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                assert b"kafka_controller_activecontrollercount 1" in answer.read()
            assert f", metrics at {url}" in commands.ok("status")
            with pytest.raises(BrokerError, match="a cluster with metrics runs: run 'ecomkafka down' first"):
                shared_broker.up(metrics=False)
            shared_broker.down()
            assert shared_broker.up(metrics=True).metrics == (url,)
            shared_broker.down()
            assert shared_broker.up().metrics == ()
            assert "metrics" not in commands.ok("status")
        finally:
            shared_broker.down()


def test_a_broker_that_shows_no_metrics_says_how_it_would(broker: Broker) -> None:
    with pytest.raises(BrokerError, match=r"shows no metrics: use Broker\(metrics=True\), or 'up --metrics'"):
        _ = broker.nodes[0].metrics_url
