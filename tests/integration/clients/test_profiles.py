"""A profile reaches the clients that are made for it."""

from dataclasses import replace

import pytest

from ecomkafka.clients import Cluster


@pytest.mark.parametrize(
    ("profile", "batch_size", "linger_ms"), [("development", 131_072, 5), ("production", 32_768, 10)]
)
def test_producers_batch_as_the_profile_says(cluster: Cluster, profile: str, batch_size: int, linger_ms: int) -> None:
    with replace(cluster, profile=profile).producer() as producer:
        assert (producer.config["batch_size"], producer.config["linger_ms"]) == (batch_size, linger_ms)


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(ValueError, match=r"'prod'.*development or production"):
        Cluster(("localhost:9092",), profile="prod")
