"""The orchestrator that counts: right in the order one thinks of, wrong in the others."""

from datetime import UTC, datetime

from ecomkafka.lessons.naive_saga import messages_of, naive_step
from ecomkafka.messages import InsufficientStock, Reserve, Reserved, Shortage

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CREATED, REQUESTS = messages_of("O-1", "ann", {"LAPTOP-001": 2, "MOUSE-001": 1}, AT)
BERLIN, LONDON = (Reserved(order_id="O-1", warehouse_id=name, at=AT) for name in CREATED.warehouses)
SHORTAGE = Shortage(product_id="MOUSE-001", requested=2, available=1)
SHORT = InsufficientStock(order_id="O-1", warehouse_id="WH-LONDON", shortages=(SHORTAGE,), at=AT)


def types(*arrival):
    pending = {}
    sent = [output.type for message in arrival for output in naive_step(pending, message)]
    return sent, len(pending)


def test_a_client_writes_the_order_and_one_request_a_warehouse():
    assert [(type(r), r.warehouse_id) for r in REQUESTS] == [(Reserve, "WH-BERLIN"), (Reserve, "WH-LONDON")]
    assert str(CREATED.total) == "2029.97"


def test_it_confirms_when_all_answer_after_the_order():
    assert types(CREATED, LONDON, BERLIN) == (["ORDER_CONFIRMED", "DEDUCT", "DEDUCT"], 0)


def test_it_cancels_when_a_warehouse_has_too_little():
    assert types(CREATED, SHORT) == (["ORDER_CANCELLED"], 0)


def test_it_throws_an_early_answer_away_and_waits_for_ever():
    assert types(BERLIN, CREATED, LONDON) == ([], 1)


def test_it_takes_a_duplicate_for_an_answer():
    assert types(CREATED, BERLIN, BERLIN)[0][0] == "ORDER_CONFIRMED"
