"""Orders are placed while brokers die: which does the customer hear of, and which are in the log at the end?"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from ecomkafka.broker.node import Node
from ecomkafka.clients.internals.client_connections import force_close
from ecomkafka.lessons.replication.copies import Copies
from ecomkafka.waiting import until

ANSWER_SECONDS = 5.0
"""A producer that gives up says so earlier."""

FETCH_SECONDS = 1.0
"""A follower's question waits at the leader for at most half of it (replica.fetch.wait.max.ms)."""

TAKEN, LOST, UNHEARD = "taken", "taken and lost", "without a yes"
"""Without a yes: it was refused, or nobody answered, and then the order may be there as well."""


def place(producer: KafkaProducer, topics: Sequence[str], names: Sequence[str]) -> dict[str, list[str]]:
    """One order per topic and name, all at the same time; returns for each topic whose orders were acknowledged."""
    sent = [(topic, name, producer.send(topic, value=name.encode())) for topic in topics for name in names]
    taken: dict[str, list[str]] = {topic: [] for topic in topics}
    for topic, name, future in sent:
        if _acknowledged(future):
            taken[topic].append(name)
    return taken


def _acknowledged(future: Any) -> bool:
    """Whether the broker has said yes; an error is no yes, and no answer is none either."""
    try:
        future.get(timeout=ANSWER_SECONDS)
    except KafkaError:
        return False
    return True


def leave(producer: KafkaProducer) -> None:
    """Close it in a second; what has no answer by then is given up."""
    try:
        producer.close(timeout=1)
    except KafkaTimeoutError:  # it does not close then, and its thread would go on trying
        force_close(producer)
        producer.close(timeout=ANSWER_SECONDS)


def freeze(nodes: Iterable[Node]) -> None:
    """Stop brokers in their tracks, and wait until no question of theirs is left at a leader.

    A follower always has a question under way: "is there anything new?". Its answer would reach it when it thaws.
    """
    for node in nodes:
        node.pause()
    frozen = time.monotonic()
    until(lambda: time.monotonic() - frozen > FETCH_SECONDS, what="the answers to the last questions")


def fates(situation: str, taken: dict[str, list[str]], copies: Mapping[str, Copies], *, asked: int) -> pd.DataFrame:
    """Of so many orders `asked` per topic: how many were taken, taken and lost, left without a yes.

    One row per topic. Lost is what no leader has now, though it was acknowledged.
    """
    rows = []
    for topic, names in taken.items():
        log = copies[topic].records(copies[topic].layout().leader)
        kept = sum(name in log for name in names)
        rows.append((situation, topic, kept, len(names) - kept, asked - len(names)))
    return pd.DataFrame(rows, columns=["situation", "setting", TAKEN, LOST, UNHEARD])
