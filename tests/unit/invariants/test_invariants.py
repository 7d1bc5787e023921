"""Each invariant on plain facts: it holds for a shop that is well, and names who and where for each way to break it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace as changed

from ecomkafka import invariants
from ecomkafka import messages as m
from ecomkafka.clients.groups import Lag
from ecomkafka.clients.record import Record
from ecomkafka.domain.order_view import OrderRow
from ecomkafka.domain.saga import Saga
from ecomkafka.domain.stock import Product, Reservation, State, product_key
from ecomkafka.domain.windows.window import Window
from ecomkafka.engine.records_set_aside import EDITED_FROM, REPLAY_OF
from ecomkafka.flow import ROUTES
from ecomkafka.gateways.payment import Charge
from ecomkafka.invariants.check import NO_MEMORY, NOT_CHECKED, as_frame, check, unchecked
from ecomkafka.invariants.facts import COPY_OF, UNDER_FAULTS, Facts, checksum

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
DEADLINE = AT + timedelta(seconds=30)
TOTAL = Decimal("20.00")
LINE = m.Line(product_id="MOUSE", quantity=2, price=Decimal("10.00"))


def created(order_id):
    return m.OrderCreated(
        order_id=order_id, customer_id="ann", lines=(LINE,), total=TOTAL, warehouses=("WH",), deadline=DEADLINE, at=AT
    )


def confirmed(order_id):
    return m.OrderConfirmed(order_id=order_id, total=TOTAL, at=AT)


def cancelled(order_id):
    return m.OrderCancelled(order_id=order_id, total=TOTAL, reason=m.Reason.PAYMENT_DECLINED, at=AT)


def moved(kind, version, on_hand, reserved, **of):
    return kind(
        warehouse_id="WH", version=version, levels=(m.Level("MOUSE", on_hand, reserved),),
        on_hand=on_hand, reserved=reserved, at=AT, **of,
    )  # fmt: skip


def request(order_id, kind=m.Kind.ORDER_CONFIRMED):
    return m.SendNotification(
        notification_id=f"{order_id}-told", order_id=order_id, customer_id="ann", kind=kind, total=TOTAL, at=AT
    )


def sent(order_id):
    return m.NotificationSent(notification_id=f"{order_id}-told", order_id=order_id, attempt=1, at=AT)


def gave_up(order_id):
    why = {"reason": "down", "error": "down"}
    return m.NotificationFailed(notification_id=f"{order_id}-told", order_id=order_id, attempts=3, at=AT, **why)


class Log:
    """Topics of one partition each; a record may say what caused it, when it was written, that it is a copy, and of
    what in quarantine it is a replay.
    """

    def __init__(self):
        self.topics = {}

    def add(self, message, topic=None, cause=None, after=1.0, copy=False, replay=None):
        topic = topic or ROUTES[type(message)].topic
        records = self.topics.setdefault(topic, [])
        headers = [("causation", cause.encode())] if cause else []
        headers += [(COPY_OF, b"x:0:0")] if copy else []
        headers += [(REPLAY_OF, replay.encode())] if replay else []
        written = int((AT.timestamp() + after) * 1000)
        records.append(Record(topic, 0, len(records), b"k", b"{}", tuple(headers), written, message))
        return str(records[-1].position)


def log_of_a_day():
    """Ten mice came in; GOOD has bought two, BAD was declined; both customers were told."""
    log = Log()
    log.add(m.Restock(restock_id="opening", warehouse_id="WH", items=(m.Item("MOUSE", 10),), at=AT))
    log.add(moved(m.StockRestocked, 1, 10, 0, restock_id="opening"))
    log.add(created("GOOD"))
    log.add(created("BAD"))
    log.add(moved(m.StockReserved, 2, 10, 2, order_id="GOOD"))
    log.add(moved(m.StockReserved, 3, 10, 4, order_id="BAD"))
    log.add(confirmed("GOOD"))
    log.add(cancelled("BAD"))
    log.add(moved(m.StockDeducted, 4, 8, 2, order_id="GOOD"))
    log.add(moved(m.StockReleased, 5, 8, 0, order_id="BAD"))
    for order_id in ("GOOD", "BAD"):
        log.add(sent(order_id), cause=log.add(request(order_id)))
    return log


def seen(log, **others):
    """What a witness has seen who missed nothing; `others` by topic: what it saw there instead."""
    offsets = {topic: [record.offset for record in records] for topic, records in log.topics.items()}
    return {(topic, 0): there for topic, there in (offsets | others).items()}


def facts_of(log, **others):
    """What a shop that is well makes of this log."""
    counted = ("orders.events", "inventory.events", "notifications.events")
    windows = [Window.of(record.message) for topic in counted for record in log.topics[topic]]
    whole = windows[0]
    for window in windows[1:]:
        whole += window
    usual = {
        "stock": {product_key("MOUSE"): Product(on_hand=8, reserved=0)},
        "open_sagas": {},
        "windows": [whole],
        "late": {},
        "lags": [Lag("order-service", "orders.events", 0, 4, 4, 0, None)],
        "open_transactions": [],
        "charges": [Charge("BAD", "ann", TOTAL, "DECLINED", 1), Charge("GOOD", "ann", TOTAL, "APPROVED", 1)],
        "read_model": [
            OrderRow("GOOD", "ann", "CONFIRMED", None, TOTAL, 1, AT),
            OrderRow("BAD", "ann", "CANCELLED", "PAYMENT_DECLINED", TOTAL, 1, AT),
        ],
        "mails": ["GOOD-told", "BAD-told"],
        "witnessed": seen(log),
        "live": {"order": {"GOOD": Saga(closed=True)}, "inventory": {}, "analytics": {}},
        "restored": {"order": {"GOOD": Saga(closed=True)}, "inventory": {}, "analytics": {}},
    }
    return Facts(records=log.topics, **usual | others)


def well(**others):
    return facts_of(log_of_a_day(), **others)


def with_log(change, **others):
    log = log_of_a_day()
    change(log)
    return facts_of(log, **others)


def without(log, topic, offset):
    del log.topics[topic][offset]


def repeat(topic, offset):
    return lambda log: log.topics[topic].append(log.topics[topic][offset])


def set_aside(log, origin, service, *more):
    """In quarantine; returns where."""
    headers = (("origin", origin.encode()), ("service", service.encode()), ("error", b"boom"), *more)
    records = log.topics.setdefault("quarantine", [])
    records.append(Record("quarantine", 0, len(records), b"k", b"{}", headers, 0))
    return str(records[-1].position)


def accepted_in_vain(log, order_id):
    """Neither ORDER_CREATED nor RESERVE could be read."""
    for origin, service in (("orders.events:0:98", "order"), ("inventory.requests:0:99", "inventory")):
        set_aside(log, origin, service, ("correlation", order_id.encode()))


def replayed(log, message, service, topic=None):
    """It was quarantined, and is sent again; returns where it is now."""
    origin = log.add(message, topic=topic)
    return send_again(log, message, set_aside(log, origin, service), topic)


def send_again(log, message, place, topic=None):
    headers = (("replayed", place.encode()),)
    records = log.topics["quarantine"]
    records.append(Record("quarantine", 0, len(records), b"", None, headers, 0))
    return log.add(message, topic=topic, replay=place)


def broken(facts, invariant):
    """What one invariant says, as "who: what"."""
    return [f"{who}: {what}" for who, what in getattr(invariants, invariant)(facts)]


def test_a_shop_that_is_well_breaks_none():
    frame = as_frame(check(well()))
    assert len(frame) == 8
    assert frame["holds"].all()
    assert not frame["violations"].any()
    assert all(sentence.endswith(".") for sentence in frame["protects"])


def test_what_nobody_could_check_is_not_called_true():
    facts = well(witnessed=None)
    frame = as_frame(check(facts), unchecked(facts))
    assert frame.index[frame["holds"].isna()].tolist() == ["every_reader_sees_the_same"]
    assert frame.loc["every_reader_sees_the_same", "first"] == NOT_CHECKED
    assert frame["holds"].sum() == 7


def test_what_of_an_invariant_was_not_checked_is_told_where_nothing_is_broken():
    facts = well(live={"order": {}}, restored={"order": {}})
    row = as_frame(check(facts), unchecked(facts)).loc["state_equals_the_log"]
    assert (row["holds"], row["first"]) == (True, f"{NO_MEMORY} inventory, analytics")
    facts = replace(facts, read_model=[])
    row = as_frame(check(facts), unchecked(facts)).loc["state_equals_the_log"]
    assert (row["holds"], row["violations"]) == (False, 2)
    assert row["first"].startswith("BAD: SQL None")
    assert unchecked(well()) == {}


def test_the_table_names_the_first_that_break_it():
    frame = as_frame(check(well(mails=[])))
    row = frame.loc["every_customer_is_told_once"]
    assert (row["holds"], row["violations"]) == (False, 2)
    assert "GOOD-told: sent at notifications.events:0:0, 0 times in the mailbox" in row["first"]
    assert frame["holds"].sum() == 7


HELD = {"order/WH/X": Reservation(state=State.HELD, items=(m.Item("MOUSE", 2),))}
STOCK = {
    "a unit is gone": (
        well(stock={product_key("MOUSE"): Product(on_hand=7)}),
        "came in 10, on hand 7, sold 2; last changed at inventory.events:0:4",
    ),
    "no stock at all": (well(stock={}), "came in 10, on hand 0, sold 2"),
    "the same end twice sells once": (with_log(repeat("orders.events", 2)), None),
    "reserved is left": (
        well(stock={product_key("MOUSE"): Product(on_hand=8, reserved=2)}),
        "reserved 2, every saga is closed; last changed at inventory.events:0:4",
    ),
    "reserved while a saga is open": (
        well(stock={product_key("MOUSE"): Product(on_hand=8, reserved=2), **HELD}, open_sagas={"X": Saga()}),
        None,
    ),
    "reserved for nobody while a saga is open": (
        well(stock={product_key("MOUSE"): Product(on_hand=8, reserved=3), **HELD}, open_sagas={"X": Saga()}),
        "MOUSE: reserved 3, orders hold 2; last changed at inventory.events:0:4",
    ),
    "negative": (well(stock={product_key("MOUSE"): Product(on_hand=8, reserved=-1)}), "on hand 8, reserved -1"),
    "more reserved than there is": (
        with_log(lambda log: log.add(moved(m.StockReserved, 6, 8, 9, order_id="GOOD"))),
        "inventory.events:0:5: reserved 9 of 8 on hand",
    ),
    "from nothing": (
        well(stock={product_key("MOUSE"): Product(on_hand=8), product_key("RAT"): Product(on_hand=1)}),
        "came in 0, on hand 1, sold 0; last changed at no event",
    ),
    "a restock sent twice": (with_log(repeat("inventory.requests", 0)), None),
}


def ends_late(end, after):
    """Seconds after it was created; 30 s are allowed."""
    return lambda log: (log.add(created("LATE")), log.add(end("LATE"), after=after))


ORDERS = {
    "no end": (
        with_log(lambda log: without(log, "orders.events", 2)),
        "GOOD: created at orders.events:0:0, 0 ends: nowhere",
    ),
    "two ends": (
        with_log(lambda log: log.add(cancelled("GOOD"))),
        "GOOD: created at orders.events:0:0, 2 ends: orders.events:0:2, orders.events:0:4",
    ),
    "the same end twice": (
        with_log(lambda log: log.add(confirmed("GOOD"))),
        "GOOD: created at orders.events:0:0, 2 ends",
    ),
    "a copy that a fault has made": (with_log(lambda log: log.add(confirmed("GOOD"), copy=True)), None),
    "quarantined and sent again": (
        with_log(lambda log: send_again(log, confirmed("GOOD"), set_aside(log, "orders.events:0:2", "analytics"))),
        None,
    ),
    "sent again out of quarantine, and was no message before": (
        with_log(lambda log: send_again(log, confirmed("GOOD"), set_aside(log, "orders.events:0:99", "analytics"))),
        "GOOD: created at orders.events:0:0, 2 ends: orders.events:0:2, orders.events:0:4",
    ),
    "a client's repetition": (
        with_log(lambda log: log.add(changed(created("GOOD"), at=AT + timedelta(1), deadline=DEADLINE + timedelta(1)))),
        None,
    ),
    "another customer's order under the same id": (
        with_log(lambda log: log.add(changed(created("GOOD"), customer_id="zed"))),
        "GOOD: created at orders.events:0:0, another order of this id is accepted at orders.events:0:4 and never ends",
    ),
    "another basket under the same id": (
        with_log(lambda log: log.add(changed(created("BAD"), lines=(LINE, LINE)))),
        "BAD: created at orders.events:0:1, another order of this id is accepted at orders.events:0:4 and never ends",
    ),
    "a corrected order, sent again out of quarantine": (
        with_log(
            lambda log: send_again(
                log, changed(created("GOOD"), customer_id="zed"), set_aside(log, "orders.events:0:0", "analytics")
            )
        ),
        None,
    ),
    "accepted, and quarantined with all its records": (
        with_log(lambda log: accepted_in_vain(log, "LOST")),
        "LOST: accepted, and none of its records can be read: quarantine:0:0, quarantine:0:1",
    ),
    "quarantined first, and sent again in a form that can be read": (
        with_log(lambda log: accepted_in_vain(log, "GOOD")),
        None,
    ),
    "poison of nobody's order": (with_log(lambda log: set_aside(log, "orders.events:0:99", "order")), None),
    "never created": (
        with_log(lambda log: log.add(confirmed("GHOST"))),
        "GHOST: never created, ended at orders.events:0:4",
    ),
    "ended before": (
        with_log(lambda log: (log.add(confirmed("EARLY")), log.add(created("EARLY")))),
        "EARLY: created at orders.events:0:5, ended before that at orders.events:0:4",
    ),
    "confirmed too late": (
        with_log(ends_late(confirmed, 36)),
        "LATE: orders.events:0:5: ORDER_CONFIRMED 0:00:06 after its deadline",
    ),
    "confirmed just in time": (with_log(ends_late(confirmed, 34)), None),
    "cancelled by the deadline": (with_log(ends_late(cancelled, 36)), None),
    "cancelled too late": (
        with_log(ends_late(cancelled, 41)),
        "LATE: orders.events:0:5: ORDER_CANCELLED 0:00:11 after its deadline",
    ),
    "confirmed late, under faults": (with_log(ends_late(confirmed, 44), slack=UNDER_FAULTS), None),
    "confirmed too late, even under faults": (
        with_log(ends_late(confirmed, 46), slack=UNDER_FAULTS),
        "LATE: orders.events:0:5: ORDER_CONFIRMED 0:00:16 after its deadline",
    ),
    "cancelled late, under faults": (with_log(ends_late(cancelled, 89), slack=UNDER_FAULTS), None),
    "cancelled too late, even under faults": (
        with_log(ends_late(cancelled, 91), slack=UNDER_FAULTS),
        "LATE: orders.events:0:5: ORDER_CANCELLED 0:01:01 after its deadline",
    ),
    "late by another clock": (
        with_log(lambda log: (log.add(created("LATE")), log.add(confirmed("LATE"), after=99)), on_wall_clock=False),
        None,
    ),
}

PAID, DECLINED = Charge("GOOD", "ann", TOTAL, "APPROVED", 1), Charge("BAD", "ann", TOTAL, "DECLINED", 1)
AGAIN = moved(m.StockReserved, 3, 10, 4, order_id="BAD")
MONEY = {
    "quarantined and sent again": (
        with_log(lambda log: send_again(log, AGAIN, set_aside(log, "inventory.events:0:2", "analytics"))),
        None,
    ),
    "another order under the same id, of which the saga obeys the first": (
        with_log(lambda log: log.add(changed(created("GOOD"), warehouses=("ELSEWHERE",)))),
        None,
    ),
    "charged twice": (well(charges=[PAID, PAID, DECLINED]), "GOOD: charged 2 times"),
    "never charged": (well(charges=[]), "GOOD: confirmed at orders.events:0:2, and never charged"),
    "charged for nothing": (
        well(charges=[PAID, DECLINED._replace(state="APPROVED")]),
        "BAD: cancelled at orders.events:0:3, and still charged 20.00",
    ),
    "charged for no order": (
        well(charges=[PAID, DECLINED, PAID._replace(order_id="GHOST")]),
        "GHOST: charged 20.00, and never created",
    ),
    "charged and voided": (well(charges=[PAID, DECLINED._replace(state="VOIDED")]), None),
    "charged something else": (
        well(charges=[PAID._replace(amount=Decimal(1)), DECLINED]),
        "GOOD: confirmed at orders.events:0:2 with 20.00, charged 1",
    ),
    "no ledger to look at": (well(charges=None), None),
    "never released": (
        with_log(lambda log: without(log, "inventory.events", 4)),
        "WH: found STOCK_RESERVED at inventory.events:0:2, expected STOCK_RESERVED, STOCK_RELEASED",
    ),
    "released twice": (
        with_log(lambda log: log.add(moved(m.StockReleased, 6, 8, 0, order_id="BAD"))),
        "BAD: WH: found STOCK_RESERVED, STOCK_RELEASED, STOCK_RELEASED at inventory.events:0:2, ",
    ),
    "reserved twice": (
        with_log(lambda log: log.add(moved(m.StockReserved, 6, 8, 0, order_id="GOOD"))),
        "GOOD: WH: found STOCK_RESERVED, STOCK_DEDUCTED, STOCK_RESERVED",
    ),
    "released though sold": (
        with_log(lambda log: log.add(moved(m.StockReleased, 6, 8, 0, order_id="GOOD"))),
        "GOOD: WH: found STOCK_RESERVED, STOCK_DEDUCTED, STOCK_RELEASED",
    ),
    "deducted and never reserved": (
        with_log(lambda log: log.add(moved(m.StockDeducted, 6, 8, 0, order_id="GHOST"))),
        "GHOST: WH: found STOCK_DEDUCTED at inventory.events:0:5",
    ),
    "a copy that a fault has made": (
        with_log(lambda log: log.add(moved(m.StockReserved, 2, 10, 2, order_id="GOOD"), copy=True)),
        None,
    ),
}


def waits(log):
    log.add(request("GOOD"), topic="notifications.retry.1", cause=log.add(request("GOOD")))


def retried(log):
    waits(log)
    log.add(sent("GOOD"), cause="notifications.retry.1:0:0")


def gives_up(log, letter):
    cause = log.add(request("GOOD"))
    log.add(gave_up("GOOD"), cause=cause)
    log.topics["notifications.dlq"] = []
    if letter:
        log.add(request("GOOD"), topic="notifications.dlq", cause=cause)


def gives_up_again(log):
    gives_up(log, letter=True)
    place = set_aside(log, str(log.topics["notifications.events"][-1].position), "analytics")
    send_again(log, gave_up("GOOD"), place)


def retry_again(log, topic):
    """A retry that crashed its handler, was sent again and was delivered."""
    origin = log.add(request("GOOD"), topic=topic, cause=log.add(request("GOOD")))
    again = send_again(log, request("GOOD"), set_aside(log, origin, "notification"), topic)
    log.add(sent("GOOD"), cause=again)


def mended(log):
    """Given up, edited, replayed, delivered."""
    gives_up(log, letter=True)
    letters = log.topics["notifications.dlq"]
    headers = (("causation", b"notifications.dlq:0:0"), (EDITED_FROM, b"notifications.dlq:0:0"))
    letters.append(letters[0]._replace(offset=1, headers=headers))
    letters.append(Record("notifications.dlq", 0, 2, b"", None, (("replayed", b"notifications.dlq:0:1"),), 0))
    log.add(sent("GOOD"), cause=log.add(request("GOOD"), replay="notifications.dlq:0:1"))


RETRY = Lag("notification-service", "notifications.retry.1", 0, 0, 1, 1, None)
RETRIED = RETRY._replace(committed=1, lag=0)


def unreadable(facts, topic):
    """The same, but nobody can read the first record of the topic."""
    first, *others = facts.records[topic]
    return replace(facts, records=facts.records | {topic: [first._replace(message=None), *others]})


TOLD = {
    "what became of it can't be read": (
        unreadable(well(), "notifications.events"),
        "GOOD-told: notifications.requests:0:0: 0 outcomes, not one",
    ),
    "a request is lost": (
        with_log(lambda log: log.add(request("GOOD"))),
        "GOOD-told: notifications.requests:0:2: 0 outcomes, not one",
    ),
    "sent twice": (
        with_log(lambda log: log.add(sent("GOOD"), cause="notifications.requests:0:0")),
        "GOOD-told: notifications.requests:0:0: 2 outcomes, not one",
    ),
    "sent and a dead letter": (
        with_log(lambda log: log.add(gave_up("GOOD"), cause="notifications.requests:0:0")),
        "GOOD-told: notifications.requests:0:0: 2 outcomes, not one",
    ),
    "sent and retried": (
        with_log(
            lambda log: log.add(request("GOOD"), topic="notifications.retry.1", cause="notifications.requests:0:0"),
            lags=[RETRY],
        ),
        "GOOD-told: notifications.requests:0:0: 2 outcomes, not one",
    ),
    "waits for its time": (with_log(waits, lags=[RETRY]), None),
    "retried": (with_log(retried, lags=[RETRIED]), None),
    "lost in a retry topic": (
        with_log(waits, lags=[RETRIED]),
        "GOOD-told: notifications.retry.1:0:0: 0 outcomes, not one",
    ),
    "asked for twice": (with_log(lambda log: log.add(sent("GOOD"), cause=log.add(request("GOOD")))), None),
    "a dead letter": (with_log(lambda log: gives_up(log, letter=True)), None),
    "a dead letter, and that it was given up is quarantined and sent again": (
        with_log(lambda log: gives_up_again(log)),
        None,
    ),
    "given up without a dead letter": (
        with_log(lambda log: gives_up(log, letter=False)),
        "GOOD-told: notifications.events:0:2: given up, and no dead letter",
    ),
    "an end of which nobody is told": (
        with_log(lambda log: (log.add(created("SILENT")), log.add(confirmed("SILENT")))),
        "SILENT: orders.events:0:5: nobody was asked to tell the customer",
    ),
    "quarantined though it could be read": (
        with_log(lambda log: set_aside(log, log.add(request("GOOD")), "notification")),
        "GOOD-told: notifications.requests:0:2: 0 outcomes, not one",
    ),
    "quarantined, sent again and sent": (
        with_log(lambda log: log.add(sent("GOOD"), cause=replayed(log, request("GOOD"), "notification"))),
        None,
    ),
    "quarantined, sent again and lost": (
        with_log(lambda log: replayed(log, request("GOOD"), "notification")),
        "GOOD-told: notifications.requests:0:3: 0 outcomes, not one",
    ),
    "quarantined as a retry, and sent again": (
        with_log(lambda log: retry_again(log, "notifications.retry.1"), lags=[RETRY._replace(committed=2, lag=0)]),
        None,
    ),
    "a dead letter, and sent": (
        with_log(lambda log: log.add(request("GOOD"), topic="notifications.dlq", cause="notifications.requests:0:0")),
        "GOOD-told: notifications.dlq:0:0: a dead letter, and nobody gave up",
    ),
    "a dead letter, edited and sent again": (with_log(lambda log: mended(log)), None),
    "a mail that nobody asked for": (
        well(mails=["GOOD-told", "BAD-told", "GHOST-told"]),
        "GHOST-told: is in the mailbox, and was never requested",
    ),
    "never requested": (
        with_log(lambda log: log.add(sent("GHOST"))),
        "GHOST-told: notifications.events:0:2: never requested",
    ),
    "no mail": (well(mails=["BAD-told"]), "GOOD-told: sent at notifications.events:0:0, 0 times in the mailbox"),
    "two mails": (
        well(mails=["GOOD-told", "GOOD-told", "BAD-told"]),
        "GOOD-told: sent at notifications.events:0:0, 2 times in the mailbox",
    ),
    "no mailbox to look at": (well(mails=None), None),
}


def far_ahead(service):
    def change(log):
        set_aside(log, log.add(changed(created("AHEAD"), at=AT + timedelta(days=2))), service)

    return change


[WINDOW] = well().windows
ONE_MORE = WINDOW + Window.of(created("AGAIN"))
WINDOWS = {
    "one event too few": (
        well(windows=[changed(WINDOW, events=10, created=1)]),
        "orders.events: 4 events, 3 counted, 0 late",
    ),
    "named with its events": (
        well(windows=[changed(WINDOW, sent=3, events=12)]),
        "2026-01-05 12:00:00+00:00: the window says",
    ),
    "the wrong revenue": (well(windows=[changed(WINDOW, revenue_confirmed=Decimal(21))]), "orders.events:0:3"),
    "the wrong stock": (well(windows=[changed(WINDOW, stock={})]), "2026-01-05 12:00:00+00:00: the window says"),
    "no window": (well(windows=[]), "2026-01-05 12:00:00+00:00: in no window"),
    "a window of nothing": (
        well(windows=[WINDOW, changed(WINDOW, start=AT + timedelta(hours=1))]),
        "2026-01-05 13:00:00+00:00: the window says",
    ),
    "late and counted as late": (
        well(windows=[changed(WINDOW, sent=1, events=10)], late={"notifications.events": 1}),
        None,
    ),
    "late and not counted": (
        well(windows=[changed(WINDOW, sent=1, events=10)], late={"orders.events": 1}),
        "orders.events: 4 events, 4 counted, 1 late",
    ),
    "late, and still too much": (
        well(windows=[changed(WINDOW, sent=3, failed=-2, events=10)], late={"notifications.events": 1}),
        "2026-01-05 12:00:00+00:00: the window says",
    ),
    "refused by analytics": (with_log(far_ahead("analytics"), windows=[WINDOW]), None),
    "refused though its time is right": (
        with_log(lambda log: set_aside(log, log.add(created("AGAIN")), "analytics"), windows=[WINDOW]),
        "orders.events: 5 events, 4 counted, 0 late",
    ),
    "late of one topic, wrong of another": (
        well(
            windows=[changed(WINDOW, sent=1, events=10, revenue_confirmed=Decimal(0))],
            late={"notifications.events": 1},
        ),
        "2026-01-05 12:00:00+00:00: the window says",
    ),
    "late, and the stock is wrong": (
        well(windows=[changed(WINDOW, sent=1, events=10, stock={})], late={"notifications.events": 1}),
        "2026-01-05 12:00:00+00:00: the window says",
    ),
    "quarantined, sent again and counted": (
        with_log(lambda log: replayed(log, created("AGAIN"), "analytics"), windows=[ONE_MORE]),
        None,
    ),
    "quarantined by another, sent again and counted twice": (
        with_log(lambda log: replayed(log, created("AGAIN"), "order"), windows=[ONE_MORE + Window.of(created("X"))]),
        None,
    ),
    "quarantined by another, sent again and counted once": (
        with_log(lambda log: replayed(log, created("AGAIN"), "order"), windows=[ONE_MORE]),
        "orders.events: 6 events, 5 counted, 0 late",
    ),
    "one window wrong, another one late": (
        with_log(
            lambda log: log.add(changed(created("OLD"), at=AT - timedelta(days=2))),
            windows=[changed(WINDOW, revenue_confirmed=Decimal(0))],
            late={"orders.events": 1},
        ),
        "2026-01-05 12:00:00+00:00: the window says",
    ),
    "refused by another": (
        with_log(far_ahead("order"), windows=[WINDOW]),
        "orders.events: 5 events, 4 counted, 0 late",
    ),
    "all late": (well(windows=[], late={"orders.events": 4, "inventory.events": 5, "notifications.events": 2}), None),
}

ROW = well().read_model[0]
STATE = {
    "the changelog is behind": (
        well(stock={product_key("MOUSE"): Product(on_hand=10)}),
        "MOUSE: inventory.events:0:4: event",
    ),
    "memory has more": (well(restored={"order": {}}), "GOOD: order has Saga("),
    "memory has less": (well(live={"order": {}}), "GOOD: order has None, its changelog Saga("),
    "memory has something else": (well(live={"order": {"GOOD": Saga(expired=True)}}), "GOOD: order has Saga("),
    "no memory to look at": (well(live={}, restored={}), None),
    "SQL misses an order": (well(read_model=[ROW]), "BAD: SQL None, log OrderRow("),
    "SQL has another status": (
        well(read_model=[ROW._replace(status="PENDING"), well().read_model[1]]),
        "orders.events:0:0, orders.events:0:2",
    ),
    "SQL has an order too many": (
        well(read_model=[*well().read_model, ROW._replace(order_id="GHOST")]),
        "GHOST: SQL OrderRow(",
    ),
    "no SQL to look at": (well(read_model=None), None),
}


def sums(log, **others):
    """What a witness noted of the contents; `others` by topic."""
    return {(topic, 0): [checksum(record) for record in records] for topic, records in log.topics.items()} | {
        (topic, 0): noted for topic, noted in others.items()
    }


READERS = {
    "the same contents": (well(checksums=sums(log_of_a_day())), None),
    "another content at the same offset": (
        well(checksums=sums(log_of_a_day(), **{"orders.events": [*sums(log_of_a_day())["orders.events", 0][:3], 7]})),
        "orders.events:0: offsets [3] have another content than the one that was seen",
    ),
    "one was missed": (
        well(witnessed=seen(log_of_a_day(), **{"orders.events": [0, 1, 3]})),
        "orders.events:0: offsets not seen [2], seen and not there []",
    ),
    "an aborted one was seen": (
        well(witnessed=seen(log_of_a_day(), **{"orders.events": [0, 1, 2, 3, 4]})),
        "orders.events:0: offsets not seen [], seen and not there [4]",
    ),
    "another order": (
        well(witnessed=seen(log_of_a_day(), **{"orders.events": [0, 2, 1, 3]})),
        "orders.events:0: offset 2 was seen twice or out of order",
    ),
    "one twice": (
        well(witnessed=seen(log_of_a_day(), **{"orders.events": [0, 1, 2, 3, 3]})),
        "orders.events:0: offset 3 was seen twice or out of order",
    ),
    "nothing was seen of a partition": (
        well(witnessed={}),
        "orders.events:0: offsets not seen [0, 1, 2, 3], seen and not there []",
    ),
}


def edited(log):
    """Another one takes its place and waits."""
    place = set_aside(log, "orders.events:0:0", "order")
    set_aside(log, "orders.events:0:0", "order", (EDITED_FROM, place.encode()))


LEFT = {
    "a group is behind": (
        well(lags=[Lag("order-service", "orders.events", 0, 3, 4, 1, None)]),
        "order-service: orders.events:0: 1 behind the end 4",
    ),
    "a transaction is open": (well(open_transactions=["order-0"]), "order-0: its transaction is open"),
    "readers wait": (
        well(hanging=["orders.events:0:4"]),
        "orders.events:0:4: readers of what is committed wait here for the end of a transaction",
    ),
    "a saga is open": (well(open_sagas={"GOOD": Saga()}), "GOOD: its saga is open: "),
    "the saga's records are named": (
        well(open_sagas={"GOOD": Saga(closed=False)}),
        ": orders.events:0:0, orders.events:0:2",
    ),
    "quarantined though it could be read": (
        with_log(lambda log: set_aside(log, "orders.events:0:0", "order")),
        "GOOD: orders.events:0:0: order put it into quarantine: boom: quarantine:0:0",
    ),
    "quarantined and sent again": (
        with_log(lambda log: replayed(log, created("AGAIN"), "order")),
        None,
    ),
    "quarantined and edited": (
        with_log(lambda log: edited(log)),
        "GOOD: orders.events:0:0: order put it into quarantine: boom: quarantine:0:1",
    ),
    "quarantined, as nobody could read it": (
        unreadable(with_log(lambda log: set_aside(log, "orders.events:0:0", "order")), "orders.events"),
        None,
    ),
    "an event far ahead": (with_log(far_ahead("analytics")), None),
    "an event far ahead that is nothing to the order service": (
        with_log(far_ahead("order")),
        "AHEAD: orders.events:0:4: order put it into quarantine",
    ),
}

CASES = {
    "stock_is_conserved": STOCK,
    "every_order_ends_once": ORDERS,
    "money_and_goods_move_together": MONEY,
    "every_customer_is_told_once": TOLD,
    "windows_equal_the_log": WINDOWS,
    "state_equals_the_log": STATE,
    "every_reader_sees_the_same": READERS,
    "nothing_is_left_over": LEFT,
}
"""Facts by what is the matter with them, and what the invariant says of it; None: nothing."""


def test_every_invariant_has_cases_that_break_it():
    assert list(CASES) == [invariant.__name__ for invariant in invariants.INVARIANTS]
    assert all(any(said for _, said in cases.values()) for cases in CASES.values())


@pytest.mark.parametrize(("invariant", "case"), [(name, case) for name, cases in CASES.items() for case in cases])
def test_it_names_what_breaks_it_and_nothing_else(invariant, case):
    facts, said = CASES[invariant][case]
    found = broken(facts, invariant)
    if said is None:
        assert found == []
    else:
        assert any(said in line for line in found), found


def test_a_copy_in_a_stock_topic_is_not_the_newest_event():
    log = log_of_a_day()
    log.add(moved(m.StockReserved, 2, 10, 2, order_id="GOOD"), copy=True)
    assert broken(facts_of(log), "state_equals_the_log") == []


def test_what_was_sent_again_out_of_quarantine_is_not_the_newest_event():
    log = log_of_a_day()
    send_again(log, AGAIN, set_aside(log, "inventory.events:0:2", "analytics"))
    assert broken(facts_of(log), "state_equals_the_log") == []


def test_facts_that_are_plain_data_can_be_changed_one_by_one():
    assert broken(replace(well(), open_transactions=["x"]), "nothing_is_left_over") == ["x: its transaction is open"]
