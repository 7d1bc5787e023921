"""Raw bytes on every topic that a service reads: what can't be handled is quarantined, and nothing else suffers."""

import json
from collections import Counter
from contextlib import closing
from decimal import Decimal

import pytest
from kafka.errors import NoError, NotLeaderForPartitionError, for_code
from kafka.protocol.producer import ProduceRequest
from kafka.record import MemoryRecordsBuilder

from ecomkafka import messages as m
from ecomkafka.clients.internals.client_connections import send
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import NOT_BEFORE, not_before
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import HOPS, QUARANTINE, Hop
from ecomkafka.messages import encode
from ecomkafka.services.inventory import InventoryService
from ecomkafka.services.order import OrderService
from tests.waiting import eventually
from tests.workers import ANSWERS, AT, REQUESTS, Counting, answers, ask, tallies

ORDER = {"order_id": "O-1", "at": AT}
NOTE = {"notification_id": "N-1", **ORDER}
LEVELS = {"warehouse_id": "WH", "version": 1, "levels": (m.Level("P", 1, 0),), "on_hand": 1, "reserved": 0, "at": AT}
REQUEST = m.SendNotification(customer_id="C", kind=m.Kind.ORDER_CONFIRMED, total=Decimal(1), **NOTE)
GOOD = {
    "orders.events": m.OrderConfirmed(total=Decimal("9.99"), **ORDER),
    "inventory.requests": m.Reserve(warehouse_id="WH", items=(m.Item("P", 1),), **ORDER),
    "inventory.responses": m.InsufficientStock(
        warehouse_id="WH", shortages=(m.Shortage(product_id="P", requested=2, available=1),), **ORDER
    ),
    "inventory.events": m.StockRestocked(restock_id="R-1", **LEVELS),
    "notifications.requests": REQUEST,
    "notifications.retry.1": REQUEST,
    "notifications.retry.2": REQUEST,
    "notifications.events": m.NotificationSent(attempt=1, **NOTE),
}
"""A message of each topic that a service reads."""


def changed(good, **fields):
    return json.dumps(json.loads(encode(good)) | fields).encode()


def without(good, field):
    return json.dumps({key: value for key, value in json.loads(encode(good)).items() if key != field}).encode()


def poisons(good):
    """Values that are no message of the topic; its own message is only needed to spoil it."""
    whole = encode(good)
    stranger = m.OrderCancelled(reason=m.Reason.TIMEOUT, total=Decimal(1), **ORDER)
    if type(good) is m.OrderConfirmed:
        stranger = m.Restock(restock_id="R", warehouse_id="WH", items=(), at=AT)
    money = m.OrderConfirmed(total=Decimal(1), **ORDER)
    reserve = m.Reserve(warehouse_id="WH", items=(m.Item("P", 1),), **ORDER)
    values = {
        "no value": None,
        "empty": b"",
        "blank": b"  \n",
        "garbage": bytes(range(256)),
        "truncated": whole[:-3],
        "two messages": whole + whole,
        "a byte order mark": b"\xef\xbb\xbf" + whole,
        "not UTF-8": whole.replace(b"O-1", b"\xff\xfe").replace(b"R-1", b"\xff\xfe"),
        "half a surrogate": changed(good, at="\ud800"),
        "a message of another topic": encode(stranger),
        "a type that no version has": changed(good, type="order eaten"),
        "a type that is a number": changed(good, type=7),
        "no type": without(good, "type"),
        "no time": without(good, "at"),
        "a time that is none": changed(good, at="yesterday"),
        "a time without a zone": changed(good, at="2026-03-01T12:00:00"),
        "a time after the last year": changed(good, at="10000-01-01T00:00:00Z"),
        "a time as a list": changed(good, at=[]),
        "NaN": changed(money, total="NaN"),
        "infinite money": changed(money, total="Infinity"),
        "negative money": changed(money, total="-1"),
        "a negative quantity": changed(reserve, items=[["P", -1]]),
        "no quantity": changed(reserve, items=[["P", 0]]),
        "a quantity beyond all": changed(reserve, items=[["P", 10**30]]),
        "an empty id": changed(reserve, order_id=""),
        "an id without end": changed(reserve, order_id="x" * 100_000),
        "an id that is null": changed(reserve, order_id=None),
        "a list": b"[" + whole + b"]",
        "a string": b'"ORDER_CONFIRMED"',
        "null": b"null",
        "a number": b"1e999",
        "deep": b"[" * 200_000,
        "deep in a field": b'{"type":' + b'{"a":' * 100_000,
        "a megabyte": b"\0" * 1_000_000,
        "a megabyte of JSON": changed(good, padding="x" * 1_000_000, at=None),
    }
    if isinstance(good, m.SendNotification):
        del values["no type"]  # msgspec asks for it only where there are several to choose from
    return values


class Raw(str):
    def encode(self, *_):
        return b"\xff\xfe"


ODD_HEADERS = {
    "a header without a value": [("correlation", None), ("attempt", None)],
    "a header twice": [("attempt", b"1"), ("attempt", b"2")],
    "an attempt that is no number": [("attempt", b"\xff")],
    "a header without a name": [("", b"")],
    "a header with a name that is no UTF-8": [(Raw("name"), b"x")],
    "a thousand headers": [(f"h{n}", b"x") for n in range(1000)],
}
ODD_TIMES = ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z")


class Recording(Worker):
    """Reads what a service reads, and remembers where what it was given lies."""

    def __init__(self, cluster, hop):
        self.hop = Hop(hop.service, hop.reads, ())
        self.given = set()
        super().__init__(cluster)

    def handle(self, record, state):
        self.given.add(record.position)
        return ()


def put(cluster, topic, *records, gzip=False):
    """Write (key, value, headers) to partition 0 as they are: kafka-python's producer refuses what other clients may
    send.
    """
    Request, Partition = ProduceRequest.TopicProduceData, ProduceRequest.TopicProduceData.PartitionProduceData
    with closing(cluster.admin()) as admin:
        for key, value, headers in records:
            batch = MemoryRecordsBuilder(magic=2, compression_type=int(gzip), batch_size=10**9)
            batch.append(timestamp=None, key=key, value=value, headers=headers)
            batch.close()
            partition = Partition(index=0, records=bytes(batch.buffer()))
            data = [Request(name=cluster.name(topic), partition_data=[partition])]
            request = ProduceRequest(transactional_id=None, acks=-1, timeout_ms=5_000, topic_data=data, max_version=9)
            eventually(lambda request=request: _taken(admin, request), "the broker takes it")


def _taken(admin, request):
    answer = send(admin, request)
    [error] = [for_code(p.error_code) for topic in answer.responses for p in topic.partition_responses]
    assert error in (NoError, NotLeaderForPartitionError), error
    return error is NoError


@pytest.mark.parametrize("hop", HOPS.values(), ids=HOPS)
def test_no_bytes_stop_a_service(cluster, hop):
    with Recording(cluster, hop) as worker:
        for topic in hop.reads:
            good = GOOD[topic]
            bad = poisons(good)
            odd = [(b"k", encode(good), headers) for headers in ODD_HEADERS.values()]
            odd += [(None, changed(good, at=at), []) for at in ODD_TIMES]
            odd += [(b"k", changed(good, padding="x" * size, more={"a": []}), []) for size in (1, 1_000_000)]
            put(cluster, topic, (None, None, []), *((b"k", value, [("h", b"v")]) for value in bad.values()), *odd)
        wanted = {topic: len(odd) for topic in hop.reads}
        eventually(lambda: Counter(p.topic for p in worker.given) == wanted, "all that is good is handled")
        eventually(lambda: len(read(cluster, QUARANTINE)) >= len(hop.reads) * (len(bad) + 1), "the rest is quarantined")
        assert worker.status == "running"
    originals = {str(record.position): record for record in read(cluster, *hop.reads)}
    quarantine = read(cluster, QUARANTINE)
    assert len(quarantine) == len(hop.reads) * (len(bad) + 1)
    for record in quarantine:
        original = originals.pop(record.header("origin"))
        assert (record.key, record.value) == (original.key or b"", original.value)
        assert record.header("h") == original.header("h")
        assert record.header("service") == hop.service
        assert record.header("error").startswith("UndecodableError: ")
        assert record.header("causation") == record.header("origin")
    assert worker.given == {record.position for record in originals.values()}


def test_order_and_inventory_work_on_behind_poison(cluster):
    with InventoryService(cluster) as inventory, OrderService(cluster) as orders:
        for service in (inventory, orders):
            for topic in service.hop.reads:
                for partition_key in (b"WH-BERLIN", b"k"):
                    records = [(partition_key, value, []) for value in poisons(GOOD[topic]).values()]
                    put(cluster, topic, *records)
        inventory.restock("R", {"LAPTOP-001": 5})
        order_id = orders.create_order("C-1", [{"product_id": "LAPTOP-001", "quantity": 1, "price": "999.99"}])

        def ended():
            events = (record.message for record in read(cluster, "orders.events"))
            return [event for event in events if isinstance(event, m.OrderConfirmed) and event.order_id == order_id]

        eventually(ended, "the order is confirmed")
        assert inventory.status == orders.status == "running"


def test_a_handler_that_raises_costs_one_record_its_effects(cluster):
    class Clumsy(Counting):
        def handle(self, record, state):
            answer = super().handle(record, state)
            if record.message.order_id == "O-3":
                raise KeyError("dropped it \ud800" + "x" * 3_000_000)
            return answer

    ask(cluster, 6, partitions=[0])
    with Clumsy(cluster) as worker:
        eventually(lambda: worker.handled == 6, "all are handled")
        assert worker.status == "running"
    assert sorted(answers(cluster)) == ["O-0", "O-1", "O-2", "O-4", "O-5"]
    assert tallies(cluster) == {0: 5}
    [record] = read(cluster, QUARANTINE)
    assert record.header("origin") == f"{REQUESTS}:0:3"
    assert record.header("error").startswith("KeyError: 'dropped it")
    assert len(record.header("error")) <= 1_000


def test_an_answer_that_no_topic_takes_is_the_fault_of_its_cause(cluster):
    class Verbose(Counting):
        def handle(self, record, state):
            [answer] = super().handle(record, state)
            if record.message.order_id == "O-1":
                return [m.Released(order_id="x" * 3_000_000, warehouse_id="WH", at=AT)]
            return [answer]

    ask(cluster, 3, partitions=[0])
    with Verbose(cluster) as worker:
        eventually(lambda: worker.handled == 3, "all are handled")
    assert sorted(answers(cluster)) == ["O-0", "O-2"]
    [record] = read(cluster, QUARANTINE)
    assert record.header("error") == (
        f"ValueError: an answer for {cluster.name(ANSWERS)} has 9,000,197 bytes: at most 2,000,000 can be sent"
    )


def test_a_record_too_large_for_quarantine_is_cut_and_says_so(cluster):
    """The broker counts compressed bytes, so what it takes may be any size."""
    giants = [(b"k", b"\0" * 30_000_000, []), (b"k" * 3_000_000, b"{", [("h", b"h" * 3_000_000)])]
    put(cluster, REQUESTS, *giants, gzip=True)
    ask(cluster, 1, partitions=[0])
    with Counting(cluster) as worker:
        eventually(lambda: worker.handled == 3, "all are handled")
    assert answers(cluster) == {"O-0": 1}
    first, second = read(cluster, QUARANTINE)
    assert set(first.value) == {0}
    assert first.header("cut").startswith("300001")
    assert first.header("cut").endswith("the whole is at its origin")
    assert second.value == b"{"
    assert [r.header("origin") for r in (first, second)] == [f"{REQUESTS}:0:0", f"{REQUESTS}:0:1"]


@pytest.mark.parametrize("when", [b"\xff", b"soon", b"2026-03-01", b""])
def test_a_due_time_that_is_none_quarantines_the_record(cluster, when):
    class Waiting(Counting):
        due = staticmethod(not_before)

    good = encode(m.Release(order_id="O-9", warehouse_id="WH", at=AT))
    put(cluster, REQUESTS, (b"WH", good, [(NOT_BEFORE, when)]))
    ask(cluster, 1, partitions=[0])
    with Waiting(cluster) as worker:
        eventually(lambda: worker.handled == 2, "both are handled")
        assert worker.status == "running"
    assert answers(cluster) == {"O-0": 1}
    assert len(read(cluster, QUARANTINE)) == 1
