"""A follower of the windows' changelog: a thread that keeps what analytics has counted up to date."""

from datetime import datetime, timedelta

import msgspec
from kafka import KafkaConsumer

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import Follower
from ecomkafka.domain.windows.closing_and_lateness import Progress
from ecomkafka.domain.windows.window import Window

TOPIC = "analytics.windows"


class WindowsFollower(Follower):
    """Reads each record of the changelog once, so that a look costs Kafka nothing. Thread-safe."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster, [TOPIC], "windows-follower")
        self._decoder = msgspec.json.Decoder[Window | Progress](Window | Progress)
        self._values: dict[bytes, Window | Progress] = {}
        self.version = 0
        """Grows with what is read."""

    def windows(self) -> list[Window]:
        """Every window with what is counted so far, by start: the partitions' partial windows, added up."""
        sums: dict[datetime, Window] = {}
        for value in self._all():
            if isinstance(value, Window):
                sums[value.start] = value + sums[value.start] if value.start in sums else value
        return [sums[start] for start in sorted(sums)]

    def progress(self) -> list[Progress]:
        """How far each partition has come in event time; a partition without events has none."""
        return [value for value in self._all() if isinstance(value, Progress)]

    def _all(self) -> list[Window | Progress]:
        with self._lock:
            return list(self._values.values())

    def _read(self, consumer: KafkaConsumer) -> None:
        for partition, records in consumer.poll(timeout_ms=200).items():
            with self._lock:
                for record in records:
                    if record.value is None:
                        self._values.pop(record.key, None)
                    else:
                        self._values[record.key] = self._decoder.decode(record.value)
                    self._positions[partition] = record.offset + 1
                self.version += len(records)


def late(progress: list[Progress]) -> dict[str, int]:
    """How many events came too late and are in no window, by topic."""
    counts: dict[str, int] = {}
    for one in progress:
        for topic, count in one.late.items():
            counts[topic] = counts.get(topic, 0) + count
    return dict(sorted(counts.items()))


def time_between(earlier: datetime, now: datetime) -> str:
    """In words for a table: `2 s`, `0:12:03`, `5908 days, 0:01:00`."""
    seconds = max(0, round((now - earlier).total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{timedelta(seconds=seconds)}"
