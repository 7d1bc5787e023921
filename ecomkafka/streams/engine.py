"""A Kafka Streams program in this process: started, watched until it has read everything, asked, closed."""

import re
import shutil
from contextlib import closing
from types import TracebackType
from typing import Any, Self

from kafka import TopicPartition

from ecomkafka.clients import Cluster
from ecomkafka.clients.access.java_clients import java_settings
from ecomkafka.machine.folders import temporary_folder
from ecomkafka.streams import failure, stores
from ecomkafka.streams.java_folder import java_folder
from ecomkafka.streams.java_machine import start_java
from ecomkafka.streams.settings import properties
from ecomkafka.waiting import until

_SECONDS = 60.0
_REPARTITION = "-repartition"


class Engine:
    """`name` is the application's: instances with one name share the partitions. `settings` are Kafka's, "_" for ".".

    `with Engine(cluster, "windows", topology) as engine: …` starts it and closes it.
    """

    def __init__(self, cluster: Cluster, name: str, topology: Any, **settings: str) -> None:
        start_java()
        self.application_id = cluster.name(name)
        self.topology = topology
        self._cluster = cluster
        self._folder = temporary_folder("state-", java_folder())
        given = {key.replace("_", "."): value for key, value in settings.items()}
        self._settings = {
            "application.id": self.application_id,
            "bootstrap.servers": ",".join(cluster.bootstrap),
            "state.dir": str(self._folder),
            **java_settings(cluster.access),
        } | given
        self._streams: Any = None
        self._failure: Any = None

    @property
    def state(self) -> str:
        """CREATED, REBALANCING, RUNNING, ERROR, NOT_RUNNING, …"""
        return str(self._streams.state()) if self._streams is not None else "CREATED"

    def start(self) -> Self:
        """Start it; it joins its group in the background."""
        import jpype
        from org.apache.kafka.streams import KafkaStreams
        from org.apache.kafka.streams.errors import StreamsUncaughtExceptionHandler

        answers = StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse

        def handle(error: Any) -> Any:
            self._failure = failure.root(error)
            return answers.SHUTDOWN_CLIENT

        self._streams = KafkaStreams(self.topology, properties(self._settings))
        self._streams.setUncaughtExceptionHandler(jpype.JProxy(StreamsUncaughtExceptionHandler, {"handle": handle}))
        self._streams.start()
        return self

    def settle(self, timeout: float = _SECONDS) -> None:
        """Wait until it has read all its topics to their ends, and committed.

        Raises the error of a Python function that failed in it; TimeoutError that names the open partitions.
        """
        # To the very end: what a transaction has written counts before its marker has come to each partition.
        reader = self._cluster.consumer(isolation_level="read_uncommitted")
        with closing(self._cluster.admin()) as admin, reader as consumer:
            until(lambda: self._has_read_all(admin, consumer), timeout, f"{self.application_id} has read everything")

    def _has_read_all(self, admin: Any, consumer: Any) -> bool:
        if self._failure is not None:
            failure.raise_again(self._failure)
        if self.state != "RUNNING":
            return False
        partitions = {topic: consumer.partitions_for_topic(topic) for topic in self._sources()}
        if not all(partitions.values()):
            return False  # this client has not heard of a topic yet
        places = [TopicPartition(topic, number) for topic, numbers in partitions.items() for number in numbers]
        committed = admin.list_group_offsets([self.application_id]).get(self.application_id, {})
        ends = consumer.end_offsets(places)
        return all(not end or (place in committed and committed[place].offset >= end) for place, end in ends.items())

    def _sources(self) -> list[str]:
        """Every topic that it reads; those of its own begin with its name on the broker."""
        listed = re.findall(r"Source: \S+ \(topics: \[(.*?)\]", str(self.topology.describe()))
        topics = {topic for names in listed for topic in names.split(", ")}
        return [f"{self.application_id}-{t}" if t.endswith(_REPARTITION) else t for t in sorted(topics)]

    def store(self, name: str) -> dict[Any, str]:
        """A state store as a dict: keyed by the key, or by key, start and end of a window or a session."""
        return stores.contents(self._streams, name)

    def tasks(self) -> list[str]:
        """The tasks that it has now: "0_2" is sub-topology 0 for partition 2."""
        threads = self._streams.metadataForLocalThreads() if self._streams is not None else []
        return sorted(str(task.taskId()) for thread in threads for task in thread.activeTasks())

    def close(self) -> None:
        """Leave the group and end. Raises TimeoutError if a thread of it does not end in a minute."""
        from java.time import Duration

        streams, self._streams = self._streams, None
        ended = streams is None or streams.close(Duration.ofSeconds(int(_SECONDS)))
        shutil.rmtree(self._folder, ignore_errors=True)
        if not ended:
            raise TimeoutError(f"{self.application_id} has not ended within {_SECONDS:g} s: a function in it hangs")

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:  # a setting that Kafka refuses: no `with`, so nobody else closes it
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
