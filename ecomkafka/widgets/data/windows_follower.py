"""A follower of the windows' changelog: a thread that keeps what analytics has counted up to date."""

import threading
from datetime import datetime, timedelta
from typing import Self

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of
from ecomkafka.domain.watermark import Progress
from ecomkafka.domain.windows import Window

TOPIC = "analytics.windows"

_BACKOFF_SECONDS = 0.2
_STOP_SECONDS = 15.0
"""A client that is being made takes up to 3 s, one that is being closed may as well."""


class WindowsFollower:
    """Reads each record of the changelog once, so that a look costs Kafka nothing. Thread-safe.

    A broker that is away is waited for; meanwhile `trouble` says what is wrong.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._decoder = msgspec.json.Decoder[Window | Progress](Window | Progress)
        self._values: dict[bytes, Window | Progress] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.version = 0
        """Grows with what is read."""
        self.trouble: Exception | None = None

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

    def start(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="windows-follower", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Raises TimeoutError if it does not end in 15 s."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
            if self._thread.is_alive():
                raise TimeoutError(f"the reader of {TOPIC} did not stop in {_STOP_SECONDS:.0f} s")

    def _all(self) -> list[Window | Progress]:
        with self._lock:
            return list(self._values.values())

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._cluster.consumer(max_poll_records=2_000) as consumer:
                    self._resume(consumer)
                    self.trouble = None
                    while not self._stopping.is_set():
                        self._read(consumer)
            except (KafkaError, ConnectionError, LookupError) as error:
                self.trouble = error
                self._stopping.wait(_BACKOFF_SECONDS)
            except Exception as error:  # noqa: BLE001 - the thread's last frame: the panel tells it
                self.trouble = error
                return

    def _resume(self, consumer: KafkaConsumer) -> None:
        partitions = partitions_of(consumer, self._cluster, TOPIC)
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, self._positions.get(partition, 0))

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
