"""Open transactions that nobody ends: found at their coordinators, and where read_committed readers wait."""

import time
from collections.abc import Callable
from contextlib import closing

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import partitions_of
from ecomkafka.topics import TOPICS
from ecomkafka.waiting import EVERY

_LEFT_SECONDS = 1.0


def stay(look: Callable[[Cluster], list[str]], cluster: Cluster) -> list[str]:
    """The transactions found at every look during a second: a working service ends its transaction earlier."""
    left = set(look(cluster))
    deadline = time.monotonic() + _LEFT_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(EVERY)
        left &= set(look(cluster))
    return sorted(left)


def hanging(cluster: Cluster) -> list[str]:
    """The places where what is committed ends for now and the log does not, whatever the coordinators say."""
    with cluster.consumer() as committed, cluster.consumer(isolation_level="read_uncommitted") as everything:
        partitions = [p for topic in TOPICS for p in partitions_of(committed, cluster, topic)]
        stable, ends = committed.end_offsets(partitions), everything.end_offsets(partitions)
    return [f"{cluster.logical(p.topic)}:{p.partition}:{stable[p]}" for p in partitions if stable[p] < ends[p]]


def open_transactions(cluster: Cluster) -> list[str]:
    """The transactional ids of this namespace whose transaction is neither committed nor aborted at this moment."""
    prefix = cluster.name("")
    with closing(cluster.admin()) as admin:
        listings = admin.list_transactions(state_filters=["Ongoing", "PrepareCommit", "PrepareAbort"])
    ids = [listing.transactional_id for of_broker in listings.values() for listing in of_broker]
    return sorted(name for name in ids if name.startswith(prefix))
