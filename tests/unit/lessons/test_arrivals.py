"""Every order of arrival: what counting makes of it, and what the saga does."""

from datetime import UTC, datetime

from ecomkafka.lessons.arrivals import ending, endings, naive_rule, saga_rule
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import Reserved

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CREATED, REQUESTS = messages_of("O-1", "ann", {"LAPTOP-001": 1, "MOUSE-001": 1, "HEADSET-001": 1}, AT)
ANSWERS = [Reserved(order_id="O-1", warehouse_id=request.warehouse_id, at=AT) for request in REQUESTS]


def test_counting_is_right_in_six_of_twenty_four_orders_of_arrival():
    assert endings(naive_rule, [CREATED, *ANSWERS]) == {"confirmed": 6, "pending for ever": 18}


def test_the_saga_confirms_in_all_of_them():
    assert endings(saga_rule, [CREATED, *ANSWERS]) == {"confirmed": 24}


def test_with_a_message_twice_there_are_sixty_orders_for_each():
    assert endings(saga_rule, [CREATED, *ANSWERS], repeated=True) == {"confirmed": 240}


def test_an_order_confirmed_before_all_have_spoken_is_told_apart():
    one, two, three = ANSWERS
    assert ending(naive_rule(), [CREATED, one, one, two, three]) == "confirmed too early"
    assert ending(naive_rule(), [one, CREATED, two, three]) == "pending for ever"
