"""A case of another team's transaction."""

from contextlib import suppress
from datetime import UTC, datetime

from kafka.errors import KafkaError

from ecomkafka.exercises.drills.case import Case
from ecomkafka.exercises.drills.scene import Scene
from ecomkafka.messages import Item, Restock, encode

WAREHOUSE, TOPIC = "WH-LONDON", "inventory.requests"
TIMEOUT_MS = 900_000
"""As long as a broker allows (`transaction.max.timeout.ms`)."""

_ACK_SECONDS = 10.0


def _begin(scene: Scene) -> None:
    producer = scene.cluster.producer("stocktaking", transaction_timeout_ms=TIMEOUT_MS)
    scene.on_close(lambda: producer.close(timeout=1.0))
    producer.init_transactions()
    producer.begin_transaction()
    counted = Restock(
        restock_id="stocktaking",
        warehouse_id=WAREHOUSE,
        items=(Item(product_id="MOUSE-001", quantity=3),),
        at=datetime.now(UTC),
    )
    sent = producer.send(scene.cluster.name(TOPIC), encode(counted), key=WAREHOUSE.encode())
    sent.get(timeout=_ACK_SECONDS)

    def abort() -> None:
        with suppress(KafkaError):  # it was ended already: that is the cure
            producer.abort_transaction()

    scene.on_close(abort)
    scene.await_ends(scene.orders("LAPTOP-001", "HEADSET-001"))
    scene.orders("MOUSE-001")


OPEN = Case(
    name="open",
    story="Nobody gets a mouse or a keyboard any more: such orders stay pending, and are cancelled after half a "
    "minute. Laptops and headsets are sold as always. All services run.",
    cause="hanging-transaction",
    cures=("end-transaction",),
    hints=(
        "Mice and keyboards: what do they have in common, and in which partition are their requests?",
        "`records` shows that the requests are there; the group does not get them. What keeps a reader of what is "
        "committed from going on?",
        "`transactions` lists one that is Ongoing since before these orders, in just that partition. Its id is what "
        "you need.",
    ),
    praise="Readers of what is committed stop at the oldest open transaction of a partition, whoever has begun it.",
    strike=_begin,
)
