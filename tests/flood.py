"""An endless producer, as a student might write one: a process of its own that writes until it is killed."""

import os
import sys

from ecomkafka.clients import Cluster

SIZE = 20_000
"""Bytes of a record; random ones, which nothing makes smaller."""


def main(topic: str) -> None:
    cluster = Cluster.of(os.environ["ECOMKAFKA_BOOTSTRAP"])
    with cluster.producer() as producer:
        while True:
            producer.send(topic, os.urandom(SIZE))


if __name__ == "__main__":
    main(sys.argv[1])
