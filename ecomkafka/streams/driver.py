"""Kafka's own TopologyTestDriver: a topology without a broker, one record after the other, at the times that we say."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from ecomkafka.machine.folders import temporary_folder
from ecomkafka.streams import failure
from ecomkafka.streams.java_folder import java_folder
from ecomkafka.streams.java_machine import start_java
from ecomkafka.streams.settings import properties
from ecomkafka.streams.stores import key_of

_PAUSE_SECONDS = 2
"""A left join looks for what never came at most once a second."""


class Driver:
    def __init__(self, java: Any) -> None:
        self._java = java
        self._outputs: dict[str, Any] = {}

    def pipe(self, topic: str, key: str, value: str, at: datetime) -> None:
        """Send one record with its event time; it has gone through the topology when this returns.

        Raises the error of a Python function that failed on it.
        """
        import jpype
        from java.time import Duration
        from org.apache.kafka.common.serialization import StringSerializer

        entry = self._java.createInputTopic(topic, StringSerializer(), StringSerializer())
        try:
            entry.pipeInput(key, value, int(at.timestamp() * 1000))
        except jpype.JException as error:
            failure.raise_again(failure.root(error))
        self._java.advanceWallClockTime(Duration.ofSeconds(_PAUSE_SECONDS))

    def read(self, topic: str) -> list[tuple[str, str | None, datetime]]:
        """Key, value and event time of what has come out since the last call."""
        from org.apache.kafka.common.serialization import StringDeserializer

        if topic not in self._outputs:
            self._outputs[topic] = self._java.createOutputTopic(topic, StringDeserializer(), StringDeserializer())
        return [
            (
                str(record.key()),
                None if record.value() is None else str(record.value()),
                datetime.fromtimestamp(int(record.timestamp()) / 1000, UTC),
            )
            for record in self._outputs[topic].readRecordsToList()
        ]

    def store(self, name: str) -> dict[Any, str]:
        """What a key-value store holds now, by key, or a session store, by (key, start, end)."""
        sessions = self._java.getSessionStore(name)
        held = sessions.fetch(None, None) if sessions else self._java.getKeyValueStore(name).all()
        with closing(held) as entries:
            return {key_of(entry.key): str(entry.value) for entry in entries}


@contextmanager
def driver(topology: Any) -> Iterator[Driver]:
    """A test of the topology, from an empty state."""
    start_java()
    from java.time import Instant
    from org.apache.kafka.streams import TopologyTestDriver

    folder = temporary_folder("state-", java_folder())
    settings = {
        "application.id": f"driver-{uuid.uuid4().hex[:8]}",
        "bootstrap.servers": "nobody:1",  # it asks none
        "state.dir": str(folder),
    }
    java = TopologyTestDriver(topology, properties(settings), Instant.ofEpochMilli(0))
    try:
        yield Driver(java)
    finally:
        java.close()
        shutil.rmtree(folder, ignore_errors=True)
