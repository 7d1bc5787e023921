"""The saga: the same end for every order of arrival and every duplicate."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomkafka.domain import saga as s
from ecomkafka.domain.saga import Charge, DeadlinePassed, PaymentAnswered, PaymentVoided, Saga, Void, step
from ecomkafka.messages import (
    Deduct,
    InsufficientStock,
    Line,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    Reason,
    Release,
    Released,
    Reserved,
    RollbackRequested,
    SendNotification,
    Shortage,
)

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
WAREHOUSES = ("A", "B", "C")


def created(warehouses: tuple[str, ...] = WAREHOUSES) -> OrderCreated:
    return OrderCreated(
        order_id="O-1",
        customer_id="ann",
        lines=(Line(product_id="P", quantity=1, price=Decimal("2.50")),),
        total=Decimal("2.50"),
        warehouses=warehouses,
        deadline=AT + timedelta(seconds=30),
        at=AT,
    )


def reserved(warehouse: str) -> Reserved:
    return Reserved(order_id="O-1", warehouse_id=warehouse, at=AT)


def short(warehouse: str) -> InsufficientStock:
    shortage = Shortage(product_id="P", requested=2, available=1)
    return InsufficientStock(order_id="O-1", warehouse_id=warehouse, shortages=(shortage,), at=AT)


def released(warehouse: str) -> Released:
    return Released(order_id="O-1", warehouse_id=warehouse, at=AT)


def run(messages, approve=True, answer=True):
    """The saga after `messages`; a gateway that answers at once, and warehouses that let go when told to."""
    saga, sent, queue = Saga(), [], list(messages)
    while queue:
        saga, outputs = step(saga, queue.pop(0))
        for output in outputs:
            sent.append(output)
            if isinstance(output, Charge) and answer:
                queue.insert(0, PaymentAnswered(approved=approve))
            if isinstance(output, Void):
                queue.insert(0, PaymentVoided())
            if isinstance(output, Release):
                queue.append(released(output.warehouse_id))
    return saga, sent


def of(kind, sent):
    return [output for output in sent if isinstance(output, kind)]


REPLIES = st.tuples(*(st.sampled_from([reserved, short]).map(lambda make, w=w: make(w)) for w in WAREHOUSES))


@st.composite
def arrivals(draw):
    """One answer a warehouse, and ORDER_CREATED, each at least once, in any order."""
    once = [created(), *draw(REPLIES)]
    again = draw(st.lists(st.sampled_from(once), max_size=8))
    return once, draw(st.permutations(once + again))


@given(arrivals(), st.booleans())
def test_every_order_of_arrival_with_duplicates_ends_the_same(arrival, approve):
    once, shuffled = arrival
    rejecting = {m.warehouse_id for m in once if isinstance(m, InsufficientStock)}
    saga, sent = run(shuffled, approve)

    assert saga.closed
    ends = of((OrderConfirmed, OrderCancelled), sent)
    assert len(ends) == 1
    assert len(of(SendNotification, sent)) == 1
    if rejecting:
        assert ends[0].reason == Reason.INSUFFICIENT_STOCK
        assert of(Charge, sent) == of(Deduct, sent) == of(Void, sent) == []
    elif approve:
        assert isinstance(ends[0], OrderConfirmed)
        assert sorted(d.warehouse_id for d in of(Deduct, sent)) == list(WAREHOUSES)
    else:
        assert ends[0].reason == Reason.PAYMENT_DECLINED
    if isinstance(ends[0], OrderCancelled):
        assert {r.warehouse_id for r in of(Release, sent)} == set(WAREHOUSES) - rejecting
    assert len(of(Charge, sent)) <= 1


@given(arrivals(), st.integers(0, 12))
def test_past_its_deadline_an_order_has_one_end_and_holds_nothing(arrival, when):
    _, shuffled = arrival
    shuffled = list(shuffled)
    shuffled.insert(when, DeadlinePassed())
    saga, sent = run(shuffled)

    ends = of((OrderConfirmed, OrderCancelled), sent)
    assert len(ends) == 1
    assert saga.closed
    if isinstance(ends[0], OrderCancelled):
        holding = {m.warehouse_id for m in shuffled if isinstance(m, Reserved)}
        assert {r.warehouse_id for r in of(Release, sent)} == holding


def test_all_permutations_of_a_confirmed_order_send_the_same():
    """Exhaustive where hypothesis samples: 4! orders of arrival."""
    once = [created(), *map(reserved, WAREHOUSES)]
    ends = {frozenset(map(repr, of((OrderConfirmed, Deduct, SendNotification), run(p)[1]))) for p in permutations(once)}
    assert len(ends) == 1


def test_a_reply_that_is_faster_than_its_order_is_kept():
    saga, sent = run([reserved("A")])
    assert (saga.reserved, sent) == ({"A"}, [])


def test_a_late_reservation_of_a_timed_out_order_is_released():
    saga, sent = run([created(), reserved("A"), DeadlinePassed(), short("B"), reserved("C")])
    assert [r.warehouse_id for r in of(Release, sent)] == ["A", "C"]
    assert saga.closed


def test_an_order_stays_open_until_every_warehouse_has_let_go():
    saga, _ = step(Saga(), created(("A",)))
    saga, _ = step(saga, reserved("A"))
    saga, _ = step(saga, PaymentAnswered(approved=False))
    assert not saga.closed
    saga, _ = step(saga, released("A"))
    assert saga.closed


def test_an_unanswered_payment_is_voided_at_the_deadline():
    saga, sent = run([created(("A",)), reserved("A"), DeadlinePassed()], answer=False)
    assert len(of(Void, sent)) == 1
    assert of(OrderCancelled, sent)[0].reason == Reason.TIMEOUT
    assert saga.closed


def test_a_void_without_an_answer_keeps_the_saga_open():
    saga = Saga()
    for message in (created(("A",)), reserved("A"), DeadlinePassed(), released("A")):
        saga, _ = step(saga, message)
    assert saga.voiding
    assert not saga.closed


@pytest.mark.parametrize(
    "fact",
    [
        DeadlinePassed(),
        RollbackRequested(order_id="O-1", at=AT),
        RollbackRequested(order_id="O-1", reason=Reason.CUSTOMER_REQUEST, at=AT),
    ],
)
@pytest.mark.parametrize("place", range(4))
def test_a_charge_of_an_attempt_that_counts_for_nothing_is_voided(fact, place):
    """It charged when all had reserved and was aborted; the second time the order is given up first."""
    messages = [created(("A", "B")), reserved("A"), reserved("B")]
    saga, sent = run([*messages[:place], fact, *messages[place:]], answer=False)
    assert len(of(Void, sent)) == 1
    assert len(of(OrderCancelled, sent)) == 1
    assert saga.closed


def test_what_was_never_charged_is_never_voided():
    _, sent = run([created(), short("A"), reserved("B"), reserved("C")])
    assert of(Void, sent) == []


@pytest.mark.parametrize("reason", [Reason.ROLLED_BACK, Reason.CUSTOMER_REQUEST])
def test_a_rollback_cancels_a_pending_order_and_leaves_a_confirmed_one(reason):
    request = RollbackRequested(order_id="O-1", reason=reason, at=AT)
    _, sent = run([created(), reserved("A"), request, reserved("B"), reserved("C")])
    assert of(OrderCancelled, sent)[0].reason == reason
    _, sent = run([created(), *map(reserved, WAREHOUSES), request])
    assert of(OrderCancelled, sent) == []


def test_a_warehouse_that_reserves_for_a_closed_saga_is_told_to_let_go():
    _, outputs = step(Saga(closed=True), reserved("Z"))
    assert [output.warehouse_id for output in outputs] == ["Z"]


def test_stock_held_for_another_basket_of_the_same_id_is_released_on_confirmation():
    _, sent = run([created(("A",)), reserved("Z"), reserved("A")])
    assert [r.warehouse_id for r in of(Release, sent)] == ["Z"]


@pytest.mark.parametrize("message", [created(), short("A"), released("A"), DeadlinePassed()])
def test_a_closed_saga_is_deaf(message):
    assert step(Saga(closed=True), message) == (Saga(closed=True), ())


def test_the_events_carry_the_time_of_the_order():
    """Event time: windows are cohorts of orders, whenever their saga ends."""
    _, sent = run([created(), *map(reserved, WAREHOUSES)])
    assert {output.at for output in sent if not isinstance(output, s.Charge)} == {AT}
