"""A forked child of a program with an open shop: it is told that the shop is its parent's, and disturbs nothing there.

Forked children are what `multiprocessing` makes on Linux up to Python 3.13, with a copy of all that is open.
"""

import subprocess
import sys

import pytest

from tests.waiting import PATIENCE

pytestmark = pytest.mark.usefixtures("on_the_tests_broker")

OPEN = """
import os, sys
from ecomkafka.shop import Shop

BASKET = {"MOUSE-001": 1}

def sells(shop):
    assert shop.wait(shop.order("ann", BASKET), 90) == "CONFIRMED"
    shop.settle(90)
    assert shop.invariants()["holds"].all()

def in_a_child(work):
    if not (child := os.fork()):
        try:
            work()
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""

OF_THE_PARENT = "belongs to process {parent}, and this is process "

EACH_CALL = """
with Shop() as shop:
    sells(shop)
    print(os.getpid(), flush=True)
    orders, shelves = shop.order_service, shop.inventory_service
    for work in (
        lambda: shop.order("bob", BASKET),
        lambda: orders.create_order("bob", [{"product_id": "MOUSE-001", "quantity": 1}]),
        lambda: shop.wait("ORD-0001"),
        lambda: shop.settle(),
        lambda: shop.invariants(),
        lambda: shop.orders(),
        lambda: shop.stock(),
        lambda: shelves.restock("more", BASKET),
        lambda: shop.start(),
    ):
        in_a_child(work)
    sells(shop)
"""

ITS_END = """
with Shop(processes={processes}) as shop:
    shop.on_close(lambda: print("closed", flush=True))
    sells(shop)
    if not (child := os.fork()):
        shop.stop()
        sys.exit()  # at the end of a block that is its parent's
    os.waitpid(child, 0)
    sells(shop)
    print(len(shop.orders()), shop.health(), flush=True)
"""

ITS_OWN = """
def work():
    with Shop() as own:
        sells(own)
    print("sold", flush=True)

with Shop() as shop:
    sells(shop)
    in_a_child(work)
    sells(shop)

in_a_child(lambda: (sells(shop.start()), shop.stop(), print("sold", flush=True)))
"""

CLIENTS = """
from kafka import TopicPartition
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.engine.producer_record import Sender

with Shop() as shop:
    cluster, topic = shop.cluster, shop.cluster.name("orders.events")
    admin, consumer, producer = cluster.admin(), cluster.consumer(), cluster.producer()
    owner, sender = TransactionalProducer(cluster, "owner"), Sender(cluster, "sender")
    owner.take_over()
    sender.check()
    print(os.getpid(), flush=True)
    for work in (
        lambda: admin.list_topics(),
        lambda: consumer.end_offsets([TopicPartition(topic, 0)]),
        lambda: producer.send(topic, b"value", b"key", partition=0),
        lambda: owner.begin(),
        lambda: owner.flush(),
        lambda: sender.check(),
    ):
        in_a_child(work)
    in_a_child(lambda: (owner.discard(), sender.close()))
    owner.begin()
    owner.send(topic, b"key", b"value", [])
    owner.commit({}, None)
    sender.check()
    assert topic in admin.list_topics()
"""


def lines(code: str) -> list[str]:
    """What the program has written. It is to end well."""
    done = subprocess.run([sys.executable, "-c", OPEN + code], capture_output=True, text=True, timeout=3 * PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("code", [EACH_CALL, CLIENTS], ids=["shop", "clients"])
def test_whatever_a_child_calls_says_at_once_whose_it_is(code):
    parent, *said = lines(code)
    assert len(said) == code.count("        lambda: ")
    assert [line for line in said if OF_THE_PARENT.format(parent=parent) not in line] == []


@pytest.mark.parametrize("processes", [False, True])
def test_a_child_that_stops_a_shop_and_leaves_its_block_ends_nothing_of_its_parent_s(processes):
    running = "; ".join(f"{service}-0 running" for service in ("order", "inventory", "notification", "analytics"))
    assert lines(ITS_END.format(processes=processes)) == [f"2 {running}", "closed"]


def test_a_child_opens_a_shop_of_its_own_and_may_start_one_that_is_closed():
    assert lines(ITS_OWN) == ["sold", "sold"]
