"""The analytics service on a real Kafka: what is in its topic is what the events add up to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from ecomkafka.clients.reader import read
from ecomkafka.clock import ManualClock
from ecomkafka.domain.windows.closing_and_lateness import ALLOWED_LATENESS, IDLE_AFTER, UNBOUNDED, Progress
from ecomkafka.domain.windows.window import SIZE, Shelf, Window, start_of
from ecomkafka.engine.producer_record import Sender
from ecomkafka.messages import (
    Line,
    NotificationFailed,
    NotificationSent,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    Reason,
    StockDeducted,
    StockReserved,
)
from ecomkafka.services.analytics import AnalyticsService, late, windows
from ecomkafka.services.order import DEADLINE
from ecomkafka.topics import TOPICS
from tests.waiting import eventually

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
TOPIC = "analytics.windows"
PARTITIONS = TOPICS[TOPIC].partitions


def minutes(number):
    return timedelta(minutes=number)


def created(order_id, at=NOON, total="10.00"):
    line = Line(product_id="P", quantity=1, price=Decimal(total))
    return OrderCreated(
        order_id=order_id, total=Decimal(total), customer_id="ann", lines=(line,), warehouses=("A",), deadline=at, at=at
    )


def order(number, at=NOON):
    """All events of one order; every third is cancelled, every fifth mail fails. Keys spread over all partitions."""
    name, total, warehouse = f"O-{number}", Decimal(number) / 100, f"W-{number % 4}"
    stock = {"order_id": name, "warehouse_id": warehouse, "levels": (), "at": at}
    yield created(name, at, str(total))
    yield StockReserved(version=2 * number, on_hand=100, reserved=1, **stock)
    if number % 3:
        yield OrderConfirmed(order_id=name, total=total, at=at)
        yield StockDeducted(version=2 * number + 1, on_hand=99 - number, reserved=0, **stock)
    else:
        yield OrderCancelled(order_id=name, total=total, reason=Reason.PAYMENT_DECLINED, at=at)
    notification = {"notification_id": f"{name}-N", "order_id": name, "at": at}
    if number % 5:
        yield NotificationSent(attempt=1, **notification)
    else:
        yield NotificationFailed(attempts=3, reason="451", error="451", **notification)


def added_up(events):
    sums = {}
    for event in events:
        window = Window.of(event)
        sums[window.start] = sums[window.start] + window if window.start in sums else window
    return [sums[start] for start in sorted(sums)]


def without_closed(windows):
    return [msgspec.structs.replace(window, closed=False) for window in windows]


def counted(cluster):
    return sum(window.events for window in windows(cluster)) + sum(late(cluster).values())


class Watched(AnalyticsService):
    """Says how often it was asked to close windows, and how many values each partition's state holds in memory."""

    ticks = 0

    def running(self):
        self.sizes = {}
        super().running()

    def tick(self, now, state):
        self.ticks += 1
        self.sizes[id(state)] = len(state)
        return super().tick(now, state)


@pytest.fixture
def send(cluster):
    sender = Sender(cluster, "test-client")
    yield sender.send
    sender.close()


@pytest.fixture
def clock():
    return ManualClock(NOON + timedelta(days=1))


def test_windows_are_the_sum_of_the_partitions_whatever_the_order(cluster, send):
    events = [event for number in range(1, 61) for event in order(number, NOON + minutes(number))]
    with AnalyticsService(cluster, allowed_lateness=UNBOUNDED):
        send(events)
        eventually(lambda: counted(cluster) == len(events), "all events counted")
        assert windows(cluster) == added_up(events)
        assert late(cluster) == {}
    names = {(*record.key.decode().rsplit("/", 1), record.partition) for record in read(cluster, TOPIC)}
    assert {name for name, _, _ in names} == {"progress", *(start_of(event.at).isoformat() for event in events)}
    assert all(int(number) == partition for _, number, partition in names)


def test_two_instances_share_the_work_and_a_restart_loses_and_doubles_nothing(cluster, send):
    events = [event for number in range(1, 91) for event in order(number, NOON + minutes(number))]
    with AnalyticsService(cluster, "a", allowed_lateness=UNBOUNDED) as first:
        send(events[:150])
        eventually(lambda: counted(cluster) == 150, "the first part counted")
        with AnalyticsService(cluster, "b", allowed_lateness=UNBOUNDED) as second:
            send(events[150:300])
            eventually(lambda: counted(cluster) == 300, "the second part counted")
            eventually(lambda: first.handled and second.handled, "a share for each")
    with AnalyticsService(cluster, "c", allowed_lateness=UNBOUNDED):
        send(events[300:])
        eventually(lambda: counted(cluster) == len(events), "the third part counted")
    assert windows(cluster) == added_up(events)


def test_idle_partitions_close_by_the_clock_and_late_events_are_counted_apart(cluster, send, clock):
    on_time = [event for number in range(1, 31) for event in order(number)]
    with AnalyticsService(cluster, clock=clock) as service:
        send(on_time)
        eventually(lambda: counted(cluster) == len(on_time), "all counted")
        assert not any(window.closed for window in windows(cluster))
        clock.advance(seconds=(IDLE_AFTER + SIZE + ALLOWED_LATENESS).total_seconds())
        eventually(lambda: [window.closed for window in windows(cluster)] == [True], "the window closed")
        before = windows(cluster)
        too_late = list(order(31))
        send(too_late)
        eventually(lambda: sum(late(cluster).values()) == len(too_late), "the late events counted")
        assert windows(cluster) == before
        assert service.status == "running"
    assert without_closed(before) == added_up(on_time)
    assert late(cluster) == {"inventory.events": 2, "notifications.events": 1, "orders.events": 2}


def test_closed_windows_stay_closed_through_a_restart(cluster, send, clock):
    """And a new instance with more patience does not open them again: it does not know them any more."""
    with AnalyticsService(cluster, clock=clock):
        send(order(1))
        eventually(lambda: counted(cluster) == 5, "the order counted")
        clock.advance(hours=1)
        eventually(lambda: all(window.closed for window in windows(cluster)), "the window closed")
    before = windows(cluster)
    with AnalyticsService(cluster, clock=clock, allowed_lateness=UNBOUNDED):
        send(order(1))
        eventually(lambda: sum(late(cluster).values()) == 5, "the late events counted")
    assert windows(cluster) == before


def test_what_comes_after_the_service_was_down_is_not_late(cluster, send, clock):
    """An hour in which nobody listened is not an hour in which nothing was said."""
    with AnalyticsService(cluster, clock=clock):
        send([created("O-1")])
        eventually(lambda: counted(cluster) == 1, "the first order counted")
    clock.advance(hours=1)
    with Watched(cluster, clock=clock) as service:
        eventually(lambda: service.ticks > 2 * PARTITIONS, "time to close what is over")
        send([OrderConfirmed(order_id="O-1", total=Decimal("10.00"), at=NOON)])
        eventually(lambda: counted(cluster) == 2, "the end of the order counted")
    assert late(cluster) == {}
    assert [(window.created, window.confirmed) for window in windows(cluster)] == [(1, 1)]


def test_a_time_that_cannot_be_goes_to_quarantine_and_closes_nothing(cluster, send, clock):
    with AnalyticsService(cluster, clock=clock) as service:
        send([created(f"O-{number}") for number in range(20)])
        send([created(f"X-{number}", datetime(9999, 12, 31, tzinfo=UTC)) for number in range(20)])
        send([created(f"Y-{number}") for number in range(20)])
        eventually(lambda: counted(cluster) == 40, "the honest orders counted")
        eventually(lambda: len(read(cluster, "quarantine")) == 20, "the others in quarantine")
        assert service.status == "running"
    assert [window.created for window in windows(cluster)] == [40]
    assert all("at is 9999-12-31" in record.header("error") for record in read(cluster, "quarantine"))


def test_stock_is_the_newest_of_each_warehouse(cluster, send, clock):
    with AnalyticsService(cluster, clock=clock):
        send(
            StockReserved(
                order_id="O", warehouse_id=name, version=version, levels=(), on_hand=version, reserved=1, at=NOON
            )
            for version in (1, 2, 3)
            for name in ("NORTH", "SOUTH", "EAST")
        )
        eventually(lambda: counted(cluster) == 9, "all counted")
    (window,) = windows(cluster)
    assert window.stock == dict.fromkeys(("NORTH", "SOUTH", "EAST"), Shelf(version=3, on_hand=3, reserved=1))
    assert (window.on_hand, window.reserved, window.available) == (9, 3, 6)


def test_closed_windows_leave_the_memory_and_stay_in_the_topic(cluster, send, clock):
    """A service that has run for a year holds the open windows, not a year."""
    with Watched(cluster, clock=clock) as service:
        for number in range(30):
            at = NOON + number * SIZE
            send(created(f"O-{key}", at) for key in range(3))
        eventually(lambda: counted(cluster) == 90, "all counted")
        clock.advance(seconds=IDLE_AFTER.total_seconds())
        open_ones = [False] * 28 + [True] * 2
        eventually(lambda: [not window.closed for window in windows(cluster)] == open_ones, "all but two closed")
        clock.advance(hours=1)
        eventually(lambda: all(window.closed for window in windows(cluster)), "all closed")
        values = [msgspec.json.decode(r.value, type=Window | Progress) for r in read(cluster, TOPIC)]
        eventually(lambda: max(service.sizes.values()) == 1, "nothing but progress in memory")
    assert len({value.start for value in values if isinstance(value, Window)}) == 30


def test_a_window_waits_longer_than_a_saga_may_take():
    assert ALLOWED_LATENESS >= 2 * DEADLINE


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"allowed_lateness": timedelta(seconds=-1)}, "allowed_lateness is -1 day.*from 0 to 365,000 days"),
        ({"allowed_lateness": timedelta.max}, "allowed_lateness is"),
        ({"idle_after": timedelta(0)}, "idle_after is 0:00:00: more than 0 seconds"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        AnalyticsService(["localhost:9092"], **setting)
