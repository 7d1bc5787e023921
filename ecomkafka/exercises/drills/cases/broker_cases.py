"""Cases of a broker: on a Kafka of the drill's own, since others use the shared one."""

from contextlib import closing, suppress

from kafka.admin import NewTopic

from ecomkafka import faults
from ecomkafka.clients import Cluster
from ecomkafka.exercises.drills.case import Case
from ecomkafka.exercises.drills.scene import REFUSED, Scene
from ecomkafka.faults.bad_records import put
from ecomkafka.topics import TOPICS
from ecomkafka.waiting import until

ALONE = TOPICS["inventory.responses"]
AWAY = 2

LARGEST = 8_192
"""Bytes: the log of the cluster's metadata is longer, what a broker says on its console before it ends is not."""

_MS = 15_000


def _one_copy(cluster: Cluster) -> None:
    """One topic has a single copy of each partition, all on one broker."""
    topic = NewTopic(
        cluster.name(ALONE.name),
        replica_assignments={number: [AWAY] for number in range(ALONE.partitions)},
        topic_configs=ALONE.config | {"min.insync.replicas": "1"},
    )
    with closing(cluster.admin()) as admin:
        admin.create_topics([topic], timeout_ms=_MS)
        admin.wait_for_topics([topic.name], timeout_ms=_MS)


def _kill(scene: Scene) -> None:
    assert scene.broker is not None, "this case has a Kafka of its own"
    scene.broker.nodes[AWAY - 1].kill()
    scene.orders("MOUSE-001")


LEADER = Case(
    name="leader",
    story="Orders are taken, slowly, and none is confirmed any more. There are three brokers, so that one may fail.",
    cause="no-leader",
    cures=("start-broker",),
    hints=(
        "How far does a new order come, and which topic should have the next record?",
        "Three brokers: which of them runs, and what does that mean for each partition? Not all topics are alike.",
        "`leaders` shows partitions of one topic whose leader is 'none', with a copy on one broker only; `processes` "
        "shows that this one has ended.",
    ),
    praise="Three brokers help only those topics that have three copies.",
    strike=_kill,
    brokers=3,
    prepare=_one_copy,
)


def _fill(scene: Scene) -> None:
    assert scene.broker is not None, "this case has a Kafka of its own"
    (node,) = scene.broker.nodes
    faults.disk_full(node, LARGEST)
    with suppress(*REFUSED):
        put(scene.cluster, "quarantine", b"the last straw")
    until(lambda: node.process is None, what="the broker's end")

    def make_room() -> None:
        if node.process is None:
            node.start()
            node.wait()

    scene.on_close(make_room)


DISK = Case(
    name="disk",
    story="Nobody can order any more: both doors answer with an error. Until a minute ago all went well.",
    cause="disk-full",
    cures=("free-disk",),
    hints=(
        "Ask anything of Kafka. Who answers?",
        "The broker's process has ended. A program that ends says why, in its own log.",
        "`broker_log` has it on the console: an IOException at a write. Its own log can't be written any more either.",
    ),
    praise="A broker that can't write ends, and takes no order: what was acknowledged is there after its start.",
    strike=_fill,
    brokers=1,
    against={
        "start-broker": "It would end again at its next write: what has ended it is still there.",
        "": "That would not keep Kafka itself from answering, and here no question is answered at all: look for the "
        "broker, and for its last words.",
    },
)
