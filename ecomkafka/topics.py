"""The shop's topics as data: how many partitions, how long records stay, how they are compressed."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Topic:
    """A topic. `retention` None: compacted, the last record of each key stays for ever."""

    name: str
    retention: timedelta | None
    compression: str
    partitions: int = 3

    @property
    def config(self) -> dict[str, str]:
        """Kafka's topic settings; https://kafka.apache.org/documentation/#topicconfigs."""
        # Room for a record at the default limit (1 MiB) plus the headers that retries and quarantine add to it.
        settings = {"compression.type": self.compression, "max.message.bytes": "2097152"}
        if self.retention is None:
            return settings | {"cleanup.policy": "compact"}
        milliseconds = int(self.retention.total_seconds() * 1000)
        return settings | {"cleanup.policy": "delete", "retention.ms": str(milliseconds)}


def _days(days: int) -> timedelta:
    return timedelta(days=days)


TOPICS = {
    topic.name: topic
    for topic in (
        Topic("orders.events", _days(7), "snappy"),
        Topic("inventory.requests", _days(1), "lz4"),
        Topic("inventory.responses", _days(1), "lz4"),
        Topic("inventory.events", _days(7), "snappy"),
        Topic("notifications.requests", _days(2), "gzip"),
        Topic("notifications.events", _days(7), "snappy"),
        Topic("notifications.dlq", _days(30), "gzip", partitions=1),
        Topic("notifications.retry.1", _days(2), "gzip"),
        Topic("notifications.retry.2", _days(2), "gzip"),
        Topic("orders.sagas", None, "lz4"),
        Topic("inventory.stock", None, "lz4"),
        Topic("analytics.windows", None, "lz4"),
        Topic("quarantine", _days(30), "gzip", partitions=1),
    )
}
