"""Every order of arrival: what counting makes of it."""

from collections import Counter
from datetime import UTC, datetime
from itertools import permutations

from ecomkafka.lessons.arrivals import ending, naive_rule
from ecomkafka.lessons.naive_saga import messages_of
from ecomkafka.messages import Reserved

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CREATED, REQUESTS = messages_of("O-1", "ann", {"LAPTOP-001": 1, "MOUSE-001": 1, "HEADSET-001": 1}, AT)
ANSWERS = [Reserved(order_id="O-1", warehouse_id=request.warehouse_id, at=AT) for request in REQUESTS]


def test_counting_is_right_in_six_of_twenty_four_orders_of_arrival():
    ends = Counter(ending(naive_rule(), sequence) for sequence in permutations([CREATED, *ANSWERS]))
    assert ends == {"confirmed": 6, "pending for ever": 18}


def test_an_order_confirmed_before_all_have_spoken_is_told_apart():
    one, two, three = ANSWERS
    assert ending(naive_rule(), [CREATED, one, one, two, three]) == "confirmed too early"
    assert ending(naive_rule(), [one, CREATED, two, three]) == "pending for ever"
