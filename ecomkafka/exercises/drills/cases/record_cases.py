"""Cases of a record that somebody has written by hand."""

from contextlib import closing

from ecomkafka.clients.reader import read
from ecomkafka.exercises.drills.case import Case
from ecomkafka.exercises.drills.label_printer import TOPIC
from ecomkafka.exercises.drills.scene import Scene
from ecomkafka.faults.bad_records import ACK_SECONDS, put
from ecomkafka.shop.instances import Staff

KEY = b"product/MOUSE-001"
STOCK = "inventory.stock"

HALF = b'{"type":"ORDER_CREATED","order_id":"ORD-99'

_MORE = 6
"""Orders of a product: some of them lie in the partition of the record."""


def _half_a_message(scene: Scene) -> None:
    first = scene.shop.order("gus", {"HEADSET-001": 1})
    scene.shop.wait(first)
    (partition, *_) = (r.partition for r in read(scene.cluster, TOPIC) if r.message.order_id == first)
    put(scene.cluster, TOPIC, HALF, partition=partition)
    scene.orders(*(["MOUSE-001"] * _MORE))
    scene.shop.settle()


HEAD = Case(
    name="head",
    story="Orders are confirmed, customers are told. But in the parcel room some orders get no label any more, and "
    "others get theirs at once.",
    cause="poison",
    cures=("skip-record",),
    hints=(
        "What do the orders without a label have in common? Compare `drill.labels.printed` with `orders`.",
        "Look at the group labels in `groups`: in which partition is it behind, and which record would be its next?",
        "`logs` has the same line again and again, with a position. `records('orders.events')` shows what lies there.",
    ),
    praise="A reader that tries again for ever gives one bad record the whole partition: set it aside and go on.",
    strike=_half_a_message,
)


def _tombstone(scene: Scene) -> None:
    newest = [record for record in read(scene.cluster, STOCK) if record.key == KEY][-1]
    with closing(scene.cluster.producer()) as producer:
        written = producer.send(scene.cluster.name(STOCK), key=KEY, value=None, partition=newest.partition)
        written.get(timeout=ACK_SECONDS)
    (worker,) = (worker for worker in Staff(scene.shop).instances if worker.name == "inventory")
    Staff(scene.shop).restart(worker)
    scene.orders()
    scene.shop.settle()


VALUE = Case(
    name="value",
    story="In London nearly two hundred mice lie on the shelf, and the shop tells everybody that it has none. It began "
    "after the nightly restart of the services. All other goods are sold.",
    cause="tombstone",
    cures=("write-value-again",),
    hints=(
        "What does the inventory think that it has, and from where does it know that after a restart?",
        "Which invariant is broken? It names an event that says one thing, and a topic that says another.",
        "`records('inventory.stock')` shows the newest record of the key product/MOUSE-001: it has no value. The one "
        "before it has.",
    ),
    praise="In a compacted topic a record without a value deletes: who may write there decides what a restart forgets.",
    strike=_tombstone,
)
