"""Topics of the lessons 13 and 13b: a record's timestamp is its event time, and no record is deleted for its age."""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime

from kafka.admin import NewTopic

from ecomkafka.clients import Cluster

PARTITIONS = 3
_SECONDS = 30.0


def write(cluster: Cluster, topic: str, records: Iterable[tuple[str, str, datetime]]) -> None:
    """Key, value and event time of each. The topic is made if it is missing.

    It has `retention.ms=-1`: with seven days, the default, Kafka would delete records of 2011 at its next check.
    """
    name = cluster.name(topic)
    new = NewTopic(name, PARTITIONS, -1, topic_configs={"retention.ms": "-1"})
    with closing(cluster.admin()) as admin:
        admin.create_topics([new], raise_errors=False)  # a second run finds it
        admin.wait_for_topics([name])
    with closing(cluster.producer()) as producer:
        for key, value, at in records:
            producer.send(name, value.encode(), key.encode(), timestamp_ms=int(at.timestamp() * 1000))
        producer.flush(timeout=_SECONDS)
