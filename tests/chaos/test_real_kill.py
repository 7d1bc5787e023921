"""A crashed thread leaves on the broker what a process leaves that was killed with kill -9."""

import subprocess
import sys

import pytest

from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics, delete_topics
from ecomkafka.clients.groups import group_of, lags, memberships
from ecomkafka.clients.reader import read
from ecomkafka.faults import crash
from ecomkafka.invariants.open_transactions import open_transactions
from ecomkafka.services.inventory import InventoryService
from tests.waiting import PATIENCE, eventually

GROUP = group_of("inventory")


@pytest.fixture
def two_clusters(cluster):
    """Two empty shops on one broker: one for the thread, one for the process."""
    other = Cluster.of(cluster.bootstrap, f"{cluster.namespace}-process")
    create_topics(other)
    yield cluster, other
    delete_topics(other)


def left_behind(cluster, point):
    """What the broker knows of the dead: its transaction, its place in the group, its offsets, its answers."""
    if point in ("during_commit", "after_commit"):  # the broker was asked, and does it
        eventually(lambda: not open_transactions(cluster), "the commit")
    [group] = [group for group in memberships(cluster) if group.group == GROUP]
    return {
        "open transactions": [cluster.logical(name) for name in open_transactions(cluster)],
        "group": (group.state, group.members),
        "handled": sum(lag.committed or 0 for lag in lags(cluster) if lag.group == GROUP) > 0,
    }


def ask(cluster):
    client = InventoryService(cluster, "client")
    client.restock("R", {"MOUSE-001": 5})
    client.stop()


def crash_a_thread(cluster, point):
    worker = InventoryService(cluster).start()
    fault = crash(worker, point)
    ask(cluster)
    assert fault.happened.wait(PATIENCE)
    eventually(lambda: worker.status == "crashed", "the end of the thread")
    worker.stop()


def kill_a_process(cluster, point):
    command = [sys.executable, "-m", "tests.chaos.killed", ",".join(cluster.bootstrap), cluster.namespace, point]
    with subprocess.Popen(command) as process:
        try:
            eventually(lambda: "inventory-0" in members(cluster), "the process is a member")
            ask(cluster)
            assert process.wait(PATIENCE) != 0
        finally:
            process.kill()


def members(cluster):
    return [name for group in memberships(cluster) if group.group == GROUP for name in group.members]


EXPECTED = {
    "after_poll": ([], False),
    "after_produce": (["inventory-0"], False),
    "after_offsets": (["inventory-0"], False),
    "during_commit": ([], True),
    "after_commit": ([], True),
}
"""The open transactions, and whether the batch counts as handled."""


@pytest.mark.parametrize("point", EXPECTED)
def test_a_crashed_thread_leaves_what_a_killed_process_leaves(two_clusters, point):
    left = []
    for cluster, end in zip(two_clusters, (crash_a_thread, kill_a_process), strict=True):
        end(cluster, point)
        left.append(left_behind(cluster, point))

        with InventoryService(cluster):
            eventually(lambda c=cluster: len(read(c, "inventory.events")) == 1, "the restock, once")
    transactions, handled = EXPECTED[point]
    assert left[0] == left[1]
    assert left[0] == {"open transactions": transactions, "group": ("Stable", ("inventory-0",)), "handled": handled}
