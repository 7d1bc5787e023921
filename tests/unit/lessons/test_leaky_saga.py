"""The orchestrator of one warehouse: right for an order that lies in one, leaking for one that lies in two."""

from ecomkafka.gateways.payment import LedgerGateway
from ecomkafka.lessons.leaky_saga import Open, decide, note
from ecomkafka.messages import InsufficientStock, Release, Reserved
from tests.unit.lessons.test_naive_saga import AT, BERLIN, CREATED, LONDON, SHORTAGE, messages_of


def sent(*arrival):
    known = Open()
    with LedgerGateway() as ledger:
        for message in arrival:
            note(known, message)
            if answers := decide(known, ledger):
                return answers
    return []


def test_it_confirms_in_any_order_of_arrival():
    for arrival in ((CREATED, BERLIN, LONDON), (LONDON, CREATED, BERLIN), (BERLIN, BERLIN, LONDON, CREATED)):
        assert [answer.type for answer in sent(*arrival)] == ["ORDER_CONFIRMED", "DEDUCT", "DEDUCT"]


def test_a_duplicate_is_no_answer():
    assert sent(CREATED, BERLIN, BERLIN) == []


def test_declined_in_one_warehouse_it_lets_go_of_all():
    created, _ = messages_of("O-2", "declined-ann", {"MOUSE-001": 1}, AT)
    cancelled, *releases = sent(created, Reserved(order_id="O-2", warehouse_id="WH-LONDON", at=AT))
    assert cancelled.reason == "PAYMENT_DECLINED"
    assert releases == [Release(order_id="O-2", warehouse_id="WH-LONDON", at=AT)]


def test_declined_in_two_warehouses_it_forgets_the_second():
    created, requests = messages_of("O-3", "declined-ann", {"LAPTOP-001": 1, "MOUSE-001": 1}, AT)
    _, *releases = sent(created, *(Reserved(order_id="O-3", warehouse_id=r.warehouse_id, at=AT) for r in requests))
    assert [release.warehouse_id for release in releases] == ["WH-BERLIN"]


def test_too_little_stock_cancels():
    short = InsufficientStock(order_id="O-1", warehouse_id="WH-LONDON", shortages=(SHORTAGE,), at=AT)
    assert sent(CREATED, short)[0].reason == "INSUFFICIENT_STOCK"
