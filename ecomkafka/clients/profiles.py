"""The profiles: partitions, replication and batching for a laptop, or for production."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Profile:
    """`replication` None: the cluster's default. `partitions` None: each topic's own number."""

    replication: int | None = None
    partitions: int | None = None
    topics: dict[str, str] = field(default_factory=dict)
    """Kafka's topic settings, beside each topic's own."""
    producers: dict[str, int] = field(default_factory=dict)
    """kafka-python's producer settings, instead of those in `kafka_cluster.py`."""


PROFILES = {
    "development": Profile(),
    "production": Profile(
        replication=3,
        partitions=10,
        topics={"min.insync.replicas": "2"},
        producers={"batch_size": 32_768, "linger_ms": 10},
    ),
}
DEVELOPMENT = "development"


def check_profile(name: str) -> str:
    """Returns `name` if it is one of PROFILES; otherwise raises a ValueError that lists them."""
    if name not in PROFILES:
        raise ValueError(f"profile is {name!r:.80}: {' or '.join(PROFILES)} is allowed")
    return name
