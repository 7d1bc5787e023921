"""Settings of a Kafka Streams program, as Java wants them."""

from typing import Any

DEFAULTS = {
    "auto.offset.reset": "earliest",
    "processing.guarantee": "exactly_once_v2",
    "commit.interval.ms": "200",
    "default.key.serde": "org.apache.kafka.common.serialization.Serdes$StringSerde",
    "default.value.serde": "org.apache.kafka.common.serialization.Serdes$StringSerde",
    "dsl.store.suppliers.class": "org.apache.kafka.streams.state.BuiltInDslStoreSuppliers$InMemoryDslStoreSuppliers",
    "replication.factor": "-1",  # the broker's own
    "session.timeout.ms": "6000",  # a dead instance is noticed after that: 45 s by default
    "heartbeat.interval.ms": "1500",
    "producer.transaction.timeout.ms": "10000",
}
"""Keys and values are texts, state is in memory, results, state and offsets are one transaction."""


def properties(settings: dict[str, str]) -> Any:
    """`java.util.Properties`: DEFAULTS, and `settings` over them."""
    from java.util import Properties  # Java's, once the machine runs

    made = Properties()
    for name, value in (DEFAULTS | settings).items():
        made.put(name, value)
    return made
