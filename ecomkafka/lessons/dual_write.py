"""A client that is killed between its two writes: once with two sends, once in a transaction.

`run_until_death` runs it as a process of its own, which ends itself in the middle as kill -9 would: nothing is closed.
"""

import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ecomkafka.clients import Cluster, kafka_cluster
from ecomkafka.clock import SYSTEM_CLOCK
from ecomkafka.domain.order import Place, decide
from ecomkafka.engine.producer_record import outgoing
from ecomkafka.messages import Item, Line, Message, Reserve

CLIENT = "dual-write"
"""Its transactional id."""

DIED = 9
PROCESS_SECONDS = 60.0


def two_writes(cluster: Cluster, order_id: str) -> None:
    """RESERVE, then ORDER_CREATED; it dies between them."""
    reserve, created = records(cluster, order_id)
    producer = cluster.producer()  # a KafkaProducer
    producer.send(**reserve).get(timeout=10)
    die()
    producer.send(**created).get(timeout=10)


def one_transaction(cluster: Cluster, order_id: str) -> None:
    """The same two writes in a transaction; it dies at the same place."""
    reserve, created = records(cluster, order_id)
    producer = cluster.producer(CLIENT)  # a KafkaProducer with this transactional.id
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(**reserve).get(timeout=10)
    die()
    producer.send(**created).get(timeout=10)
    producer.commit_transaction()


def die() -> None:
    """End this process as kill -9 would: nothing is closed, nothing is flushed."""
    os._exit(DIED)


def records(cluster: Cluster, order_id: str) -> list[dict[str, Any]]:
    """The arguments of `send` for each message."""
    outgoings = [outgoing(cluster, None, message) for message in messages(order_id)]
    return [{"topic": o.topic, "key": o.key, "value": o.value, "headers": o.headers} for o in outgoings]


def messages(order_id: str) -> tuple[Message, Message]:
    """What an order of one laptop sends off."""
    at, warehouse = SYSTEM_CLOCK.now(), "WH-BERLIN"
    lines = (Line(product_id="LAPTOP-001", quantity=1, price=Decimal("999.99")),)
    deadline = at + timedelta(seconds=30)
    place = Place(order_id=order_id, customer_id="ann", lines=lines, warehouses=(warehouse,), at=at, deadline=deadline)
    (created,) = decide(None, place)
    items = (Item(product_id="LAPTOP-001", quantity=1),)
    return Reserve(order_id=order_id, warehouse_id=warehouse, items=items, at=at), created


WAYS = {way.__name__: way for way in (two_writes, one_transaction)}


def run_until_death(cluster: Cluster, way: str, order_id: str) -> int:
    """Run `way` of WAYS in a process until it dies; returns its exit code, DIED. RuntimeError if it ended otherwise."""
    command = [sys.executable, "-P", "-m", __name__, way, order_id, ",".join(cluster.bootstrap), cluster.namespace]
    environment = os.environ | cluster.variables()
    child = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False
    )
    if child.returncode != DIED:
        raise RuntimeError(f"{way} ended with {child.returncode}, and not between its writes: {child.stderr[-500:]}")
    return child.returncode


def main(way: str, order_id: str, bootstrap: str, namespace: str) -> None:
    kafka_cluster.TRANSACTION_TIMEOUT_MS = 300_000  # what it leaves open is there until somebody has looked at it
    WAYS[way](Cluster.of(bootstrap, namespace), order_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
