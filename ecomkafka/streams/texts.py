"""What every topology here needs: texts for Java, a store that forgets nothing, streams by event time."""

import json
from datetime import UTC, datetime
from typing import Any

FOREVER_DAYS = 10_000


def text(value: str) -> Any:
    """A Python text as what Java takes for one."""
    from java.lang import String

    return String(value)


def time_of(message: dict[str, Any]) -> datetime:
    """The event time of a message (UTC). Texts don't sort as times do: "12:00:00.5Z" is less than "12:00:00Z"."""
    return datetime.fromisoformat(message["at"]).astimezone(UTC)


def event_time(record: Any, _highest: int) -> int:
    """When the order was placed, in milliseconds: it is in the message, the record's timestamp is the producer's."""
    return int(time_of(json.loads(record.value())).timestamp() * 1000)


def by_event_time() -> Any:
    """How to read a topic: keys and values are texts, the time is the event's."""
    from org.apache.kafka.common.serialization import Serdes
    from org.apache.kafka.streams.kstream import Consumed

    return Consumed.with_(Serdes.String(), Serdes.String()).withTimestampExtractor(event_time)


def stored(name: str) -> Any:
    """A store of texts in memory, whose changelog forgets no window of an old event time."""
    from java.time import Duration
    from org.apache.kafka.common.serialization import Serdes
    from org.apache.kafka.streams.kstream import Materialized
    from org.apache.kafka.streams.state import BuiltInDslStoreSuppliers

    memory = Materialized.as_(name).withStoreType(BuiltInDslStoreSuppliers.IN_MEMORY)
    return (
        memory.withKeySerde(Serdes.String())
        .withValueSerde(Serdes.String())
        .withRetention(Duration.ofDays(FOREVER_DAYS))
    )
