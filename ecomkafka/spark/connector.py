"""Spark's connector to Kafka: four jars that PySpark's package does not have."""

from pathlib import Path

from ecomkafka.broker.cached_jars import cached
from ecomkafka.broker.jars import Jar, Lock
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.home import cache
from ecomkafka.machine.progress_bar import Report

VERSION = "4.2.0"
"""PySpark's and its connector's: they go together. The connector asks for Kafka's client 3.9.2, which talks to 4.3."""

CONNECTOR = Lock(
    f"spark-{VERSION}",
    (
        Jar(
            f"org.apache.spark:spark-sql-kafka-0-10_2.13:{VERSION}",
            494_879,
            "64539c45e5d39f7ddb747312c239f38f5208d08c1a0ddf7d70beb2fbd9373705",
        ),
        Jar(
            f"org.apache.spark:spark-token-provider-kafka-0-10_2.13:{VERSION}",
            66_617,
            "641c7947afc8aa1189e433b7c2d305293993c8691bc1c2062d6d4f513b12518c",
        ),
        Jar(
            "org.apache.kafka:kafka-clients:3.9.2",
            9_220_052,
            "014b4ef36884478a932641818b080c36a8f8e2e92dc771e800c9d2694f4f83d8",
        ),
        Jar(
            "org.apache.commons:commons-pool2:2.13.1",
            156_457,
            "f77a5060d6936a9144023584232f9de3f2248f1abfe156e9d31795f18770674f",
        ),
    ),
    "Spark's Kafka connector",
    "ecomkafka.spark.session()",
)


def connector(report: Report | None = None) -> list[Path]:
    """The jars; the first use fetches them. Raises BrokerError if they can't be had."""
    if "," in str(cache()):
        wrong = f"the cache {cache()} has ',' in it, at which Spark splits a list of jars"
        raise BrokerError(f"{wrong}: point ECOMKAFKA_CACHE at another folder")
    return cached(CONNECTOR, report)
