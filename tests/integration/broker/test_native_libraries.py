"""Compression unpacks native libraries into a temporary folder; a JVM that is killed leaves them there."""

from contextlib import closing
from pathlib import Path

from kafka.admin import NewTopic

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from tests.waiting import PATIENCE

CODECS = ("lz4", "snappy")


def compress(bootstrap: str) -> None:
    """Let the broker pack a record with each codec."""
    cluster = Cluster.of(bootstrap)
    new = [NewTopic(codec, 1, -1, topic_configs={"compression.type": codec}) for codec in CODECS]
    with closing(cluster.admin()) as admin, cluster.producer(compression_type=None) as producer:
        admin.create_topics(new)
        admin.wait_for_topics(list(CODECS))
        for codec in CODECS:
            producer.send(codec, b"x" * 1000).get(timeout=PATIENCE)


def test_a_killed_broker_s_native_libraries_lie_in_its_own_folder_until_it_starts_again(tmp_path: Path) -> None:
    with Broker(directory=tmp_path) as private:
        compress(private.bootstrap)
        (node,) = private.nodes
        node.kill()
        temporary = node.log.parent / "tmp"
        left = {file.name for file in temporary.iterdir()}
        assert all(any(codec in name for name in left) for codec in CODECS), left
        assert "WARNING" not in (node.log.parent / "console.log").read_text(encoding="utf-8")
        node.restart()
        assert left.isdisjoint(file.name for file in temporary.iterdir())
