"""Windows add up, however the events are ordered and split; closing is monotonic; what is late is counted."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import reduce
from operator import add

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomkafka.domain.windows.closing_and_lateness import ALLOWED_LATENESS, IDLE_AFTER, UNBOUNDED, Mark, Progress
from ecomkafka.domain.windows.window import EPOCH, SIZE, Shelf, Window, start_of
from ecomkafka.messages import (
    Line,
    NotificationFailed,
    NotificationSent,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    Reason,
    Reserved,
    StockReleased,
    StockReserved,
    encode,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
INPUTS = ("orders", "inventory", "notifications")


def minutes(number):
    return timedelta(minutes=number)


def created(at=NOON, total="10.00"):
    line = Line(product_id="P", quantity=1, price=Decimal(total))
    return OrderCreated(
        order_id="O-1",
        total=Decimal(total),
        customer_id="ann",
        lines=(line,),
        warehouses=("A",),
        deadline=at,
        at=at,
    )


def confirmed(at=NOON, total="10.00"):
    return OrderConfirmed(order_id="O-1", total=Decimal(total), at=at)


def cancelled(at=NOON, total="10.00"):
    return OrderCancelled(order_id="O-1", total=Decimal(total), reason=Reason.TIMEOUT, at=at)


def stocked(at=NOON, warehouse="A", version=1, on_hand=10, reserved=4, event=StockReserved):
    return event(
        order_id="O-1", warehouse_id=warehouse, version=version, levels=(), on_hand=on_hand, reserved=reserved, at=at
    )


def sent(at=NOON):
    return NotificationSent(notification_id="N-1", order_id="O-1", attempt=1, at=at)


def failed(at=NOON):
    return NotificationFailed(notification_id="N-1", order_id="O-1", attempts=3, reason="451", error="451", at=at)


def total(events):
    return reduce(add, map(Window.of, events))


times = st.integers(0, 3 * 3600).map(lambda seconds: NOON + timedelta(seconds=seconds))
totals = st.decimals(0, 10_000, places=2).map(str)
events = st.one_of(
    st.builds(created, times, totals),
    st.builds(confirmed, times, totals),
    st.builds(cancelled, times, totals),
    st.builds(
        stocked, times, st.sampled_from("AB"), st.integers(0, 99), event=st.sampled_from([StockReserved, StockReleased])
    ),
    st.builds(sent, times),
    st.builds(failed, times),
)
windows = st.lists(events, min_size=1, max_size=6).map(total)


# --- what a window is


@pytest.mark.parametrize(
    ("at", "start"),
    [
        (NOON, NOON),
        (NOON - timedelta(microseconds=1), NOON - SIZE),
        (NOON + SIZE - timedelta(microseconds=1), NOON),
        (datetime(2026, 1, 5, 13, 2, tzinfo=timezone(timedelta(hours=1))), NOON),
        (datetime(1969, 12, 31, 23, 59, tzinfo=UTC), EPOCH - SIZE),
    ],
)
def test_an_event_lies_in_the_window_that_starts_at_or_before_it(at, start):
    assert start_of(at) == start
    assert start_of(at).tzinfo is UTC


def test_one_order_in_one_window():
    window = total([created(), stocked(), confirmed(), stocked(version=2, on_hand=9, reserved=3), sent()])
    assert (window.start, window.end) == (NOON, NOON + SIZE)
    assert (window.created, window.confirmed, window.cancelled, window.sent, window.failed) == (1, 1, 0, 1, 0)
    assert (window.revenue_created, window.revenue_confirmed) == (Decimal("10.00"), Decimal("10.00"))
    assert (window.revenue_pending, window.revenue_lost) == (0, 0)
    assert (window.conversion, window.success_rate) == (1.0, 1.0)
    assert (window.on_hand, window.reserved, window.available) == (9, 3, 6)
    assert (window.events, window.events_per_hour) == (5, 60.0)


def test_what_is_neither_confirmed_nor_cancelled_is_pending():
    orders = [created(total="1.10"), created(total="2.20"), created(total="4.40")]
    window = total([*orders, confirmed(total="1.10"), cancelled(total="2.20"), failed(), sent()])
    assert (window.revenue_pending, window.revenue_lost) == (Decimal("4.40"), Decimal("2.20"))
    assert (window.conversion, window.success_rate) == (1 / 3, 0.5)


def test_rates_of_nothing_are_unknown_and_not_zero():
    assert Window.of(stocked()).conversion is None
    assert Window.of(created()).success_rate is None


def test_a_message_that_is_no_event_of_the_shop_is_refused():
    with pytest.raises(TypeError, match="RESERVED is counted in no window"):
        Window.of(Reserved(order_id="O-1", warehouse_id="A", at=NOON))


def test_the_higher_version_of_a_warehouse_is_its_stock():
    newer, older = stocked(version=10, on_hand=1), stocked(version=9, on_hand=2)
    assert total([newer, older]).stock == total([older, newer]).stock == {"A": Shelf(version=10, on_hand=1, reserved=4)}


@given(windows)
def test_a_window_comes_back_from_the_changelog_as_it_went(window):
    assert msgspec.json.decode(encode(window), type=Window | Progress) == window


# --- they add up


@given(windows, windows, windows)
def test_plus_is_associative_and_commutative(a, b, c):
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a


@given(windows, windows)
def test_a_sum_is_closed_only_if_every_part_is(a, b):
    closed = msgspec.structs.replace(a, closed=True)
    assert not (closed + b).closed
    assert (closed + msgspec.structs.replace(b, closed=True)).closed


def by_hand(events):
    """What `total` says of counts and money, computed without `+`."""
    money = Counter()
    for event in events:
        money[event.type] += getattr(event, "total", 0)
    count = Counter(event.type for event in events)
    return (
        len(events), count["ORDER_CREATED"], count["ORDER_CONFIRMED"], count["ORDER_CANCELLED"],
        money["ORDER_CREATED"], money["ORDER_CONFIRMED"], money["ORDER_CANCELLED"],
        count["NOTIFICATION_SENT"], count["NOTIFICATION_FAILED"],
    )  # fmt: skip


def figures(window):
    return (
        window.events, window.created, window.confirmed, window.cancelled,
        window.revenue_created, window.revenue_confirmed, window.revenue_lost,
        window.sent, window.failed,
    )  # fmt: skip


@given(st.lists(events, min_size=1), st.data())
def test_any_order_and_any_split_over_partitions_adds_up_to_the_same(events, data):
    shuffled = data.draw(st.permutations(events))
    partitions = [[], [], []]
    for event in shuffled:
        partitions[data.draw(st.integers(0, 2))].append(event)
    partials = [total(part) for part in partitions if part]
    assert reduce(add, partials) == total(events)
    assert figures(total(events)) == by_hand(events)


# --- watermark and lateness


class Partition:
    """What the service keeps of one partition, without Kafka: progress, open windows, closed windows."""

    def __init__(self, now=LATER, allowed_lateness=ALLOWED_LATENESS):
        self.progress = Progress.begin(INPUTS, now)
        self.lateness = allowed_lateness
        self.windows, self.closed, self.late = {}, {}, []

    def read(self, name, event, now=LATER):
        window = Window.of(event)
        self.progress = self.progress.observe(name, event.at, window, now)
        if self.progress.has_closed(window):
            self.late.append(event)
        else:
            known = self.windows.get(window.start)
            self.windows[window.start] = known + window if known else window

    def tick(self, now=LATER):
        self.progress = self.progress.advance(self.progress.watermark(now), self.lateness)
        for start in [start for start, window in self.windows.items() if self.progress.has_closed(window)]:
            assert start not in self.closed, "a closed window was opened again"
            self.closed[start] = self.windows.pop(start)


steps = st.lists(st.tuples(st.sampled_from(INPUTS), events, st.integers(0, 40), st.booleans()), min_size=1)


@given(steps, st.integers(0, 90))
def test_windows_are_a_fold_over_all_events_that_were_not_too_late(steps, lateness):
    """And late + counted = all, and what is closed never changes and never opens again."""
    partition, now, frontier = Partition(allowed_lateness=minutes(lateness)), LATER, EPOCH
    for name, event, seconds, ticking in steps:
        now += timedelta(seconds=seconds)
        partition.read(name, event, now)
        if ticking:
            partition.tick(now)
        assert partition.progress.closed_until >= frontier
        frontier = partition.progress.closed_until
    all_windows = [*partition.windows.values(), *partition.closed.values()]
    left = list(partition.late)
    on_time = [event for _, event, _, _ in steps if event not in left or left.remove(event)]
    assert sum(window.events for window in all_windows) + len(partition.late) == len(steps)
    assert sum(partition.progress.late.values()) == len(partition.late)
    assert not on_time or reduce(add, all_windows) == total(on_time)


@given(steps)
def test_with_unbounded_lateness_any_order_gives_the_same_windows(steps):
    partition = Partition(allowed_lateness=UNBOUNDED)
    for name, event, _, _ in steps:
        partition.read(name, event)
        partition.tick(LATER + timedelta(days=30))
    expected = {}
    for _, event, _, _ in steps:
        expected.setdefault(start_of(event.at), []).append(event)
    assert partition.windows == {start: total(events) for start, events in expected.items()}
    assert partition.late == []


def all_inputs(partition, at, now=LATER):
    for name in INPUTS:
        partition.read(name, created(at), now)


def test_a_window_closes_when_end_and_allowed_lateness_are_over():
    partition = Partition()
    all_inputs(partition, NOON)
    all_inputs(partition, NOON + SIZE + ALLOWED_LATENESS - timedelta(microseconds=1))
    partition.tick()
    assert NOON in partition.windows
    all_inputs(partition, NOON + SIZE + ALLOWED_LATENESS)
    partition.tick()
    assert partition.closed[NOON].events == 3


def test_what_comes_for_a_closed_window_is_counted_by_input_and_not_added():
    partition = Partition()
    all_inputs(partition, NOON)
    all_inputs(partition, NOON + minutes(10))
    partition.tick()
    partition.read("inventory", stocked(NOON))
    partition.read("inventory", stocked(NOON))
    partition.read("orders", created(NOON + minutes(5)))
    assert partition.progress.late == {"inventory": 2}
    assert partition.closed[NOON].events == 3
    assert partition.windows[NOON + minutes(5)].events == 1


def test_the_slowest_input_holds_the_windows_open():
    partition = Partition()
    all_inputs(partition, NOON)
    partition.read("orders", created(NOON + minutes(60)))
    partition.tick()
    assert partition.closed == {}


def test_an_idle_input_holds_nothing_back():
    partition = Partition()
    all_inputs(partition, NOON)
    partition.read("orders", created(NOON + minutes(60)), LATER + IDLE_AFTER - timedelta(seconds=1))
    partition.tick(LATER + IDLE_AFTER - timedelta(seconds=1))
    assert partition.closed == {}
    partition.tick(LATER + IDLE_AFTER)
    assert list(partition.closed) == [NOON]


def test_an_input_that_never_spoke_holds_back_only_for_a_while():
    """A partition to which no warehouse is hashed."""
    partition = Partition()
    partition.read("orders", created(NOON))
    partition.read("orders", created(NOON + minutes(60)))
    partition.tick()
    assert partition.closed == {}
    later = LATER + IDLE_AFTER
    partition.read("orders", created(NOON + minutes(61)), later)
    partition.tick(later)
    assert list(partition.closed) == [NOON]


def test_if_all_are_idle_the_clock_closes_the_last_window():
    partition = Partition()
    all_inputs(partition, NOON)
    due = LATER + IDLE_AFTER + SIZE + ALLOWED_LATENESS
    partition.tick(due - timedelta(microseconds=1))
    assert partition.closed == {}
    partition.tick(due)
    assert list(partition.closed) == [NOON]


def test_time_in_which_nobody_listened_makes_no_input_idle():
    """After a restart the backlog is still to come: the clock must not have closed its windows."""
    partition = Partition()
    all_inputs(partition, NOON)
    restarted = LATER + minutes(60)
    assert partition.progress.watermark(restarted, since=restarted) == NOON
    assert partition.progress.watermark(restarted + IDLE_AFTER + minutes(1), since=restarted) == NOON + minutes(1)


@pytest.mark.parametrize("at", [NOON + timedelta(days=1, seconds=1), datetime(9999, 12, 31, tzinfo=UTC), EPOCH - SIZE])
def test_a_time_that_cannot_be_is_refused(at):
    with pytest.raises(ValueError, match=f"at is {at.year}.*is allowed: set the sender's clock right"):
        Progress.begin(INPUTS, NOON).observe("orders", at, Window.of(confirmed(NOON)), NOON)


def test_a_sender_whose_clock_is_ahead_makes_nobody_else_late():
    """Every input says 'tomorrow', and the events of now still count: the watermark stays behind our own clock."""
    partition = Partition(now=NOON)
    all_inputs(partition, NOON + timedelta(hours=23), NOON)
    partition.tick(NOON)
    partition.read("orders", created(NOON), NOON)
    assert partition.late == []
    assert partition.progress.watermark(NOON) == NOON


def test_history_may_jump_and_today_may_follow_it():
    partition = Partition()
    for at in (datetime(2010, 12, 1, 8, 26, tzinfo=UTC), datetime(2010, 12, 24, tzinfo=UTC), NOON):
        all_inputs(partition, at)
        partition.tick()
    assert partition.late == []
    assert [start.year for start in partition.closed] == [2010, 2010]


def test_progress_comes_back_from_the_changelog_as_it_went():
    partition = Partition()
    all_inputs(partition, NOON)
    all_inputs(partition, NOON + minutes(10))
    partition.tick()
    partition.read("orders", created(NOON))
    assert msgspec.json.decode(encode(partition.progress), type=Window | Progress) == partition.progress
    assert partition.progress.marks["orders"] == Mark(at=NOON + minutes(10), heard=LATER)
