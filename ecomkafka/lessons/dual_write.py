"""A client of the shop that dies between its two writes: once as two sends, once in a transaction.

`crash` runs it as a process of its own, which ends itself in the middle as kill -9 would: nothing is closed.
"""

import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

from ecomkafka.clients import Cluster, kafka_cluster
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.clock import SYSTEM_CLOCK
from ecomkafka.domain.order import Place, decide
from ecomkafka.engine.producer_record import outgoing
from ecomkafka.messages import Item, Line, Message, Reserve

CLIENT = "dual-write"
"""Its transactional id."""

DIED = 9
ACK_SECONDS = 10.0
PROCESS_SECONDS = 60.0


def two_writes(cluster: Cluster, order_id: str) -> None:
    """RESERVE, then ORDER_CREATED; it never comes to the second."""
    producer = cluster.producer()
    for message in messages(order_id):
        topic, key, value, headers, _ = outgoing(cluster, None, message)
        producer.send(topic, key=key, value=value, headers=headers).get(timeout=ACK_SECONDS)
        os._exit(DIED)


def one_transaction(cluster: Cluster, order_id: str) -> None:
    """The same two writes; it never comes to the second, nor to the commit."""
    producer = TransactionalProducer(cluster, CLIENT)
    producer.take_over()
    producer.begin()
    for message in messages(order_id):
        producer.send(*outgoing(cluster, None, message))
        producer.flush()
        os._exit(DIED)
    producer.commit({}, None)


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


def crash(cluster: Cluster, way: str, order_id: str) -> int:
    """Run `way` of WAYS in a process until it dies; returns its exit code, DIED. RuntimeError if it ended otherwise."""
    command = [sys.executable, "-P", "-m", __name__, way, order_id, ",".join(cluster.bootstrap), cluster.namespace]
    child = subprocess.run(command, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False)
    if child.returncode != DIED:
        raise RuntimeError(f"{way} ended with {child.returncode}, and not between its writes: {child.stderr[-500:]}")
    return child.returncode


def main(way: str, order_id: str, bootstrap: str, namespace: str) -> None:
    kafka_cluster.TRANSACTION_TIMEOUT_MS = 300_000  # what it leaves open is there until somebody has looked at it
    WAYS[way](Cluster.of(bootstrap, namespace), order_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
