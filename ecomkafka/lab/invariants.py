"""What must be true of the shop when it is quiet, whatever was done to it: pure functions over `Facts`.

Each invariant's docstring says what it protects; it yields the ids and the places that break it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple, TypeVar

from ecomkafka import messages as m
from ecomkafka.domain import order_view
from ecomkafka.domain.stock import Product, product_key
from ecomkafka.domain.windows import Window
from ecomkafka.lab.facts import Facts
from ecomkafka.runtime.record import Record


class Violation(NamedTuple):
    who: str
    """An order, a product, a notification, a window, a group."""
    what: str


Violations = Iterator[Violation]
_Message = TypeVar("_Message")


def stock_is_conserved(facts: Facts) -> Violations:
    """What came in is on the shelf or was sold; nothing is negative; nothing is reserved when every saga is closed."""
    restocked: Counter[str] = Counter()
    for command in _unique(facts.messages(m.Restock), lambda c: (c.warehouse_id, c.restock_id)):
        for item in command.items:
            restocked[item.product_id] += item.quantity
    sold: Counter[str] = Counter()
    confirmed = {event.order_id for event in facts.messages(m.OrderConfirmed)}
    for order in _unique(facts.messages(m.OrderCreated), lambda o: o.order_id):
        for line in order.lines if order.order_id in confirmed else ():
            sold[line.product_id] += line.quantity
    for product_id in sorted(restocked.keys() | sold.keys()):
        level = facts.stock.get(product_key(product_id), Product())
        assert isinstance(level, Product)
        if restocked[product_id] != level.on_hand + sold[product_id]:
            yield Violation(
                product_id, f"came in {restocked[product_id]}, on hand {level.on_hand}, sold {sold[product_id]}"
            )
        if level.reserved and not facts.open_sagas:
            yield Violation(product_id, f"reserved {level.reserved}, and every saga is closed")
    for record in facts.of("inventory.events"):
        for level in record.message.levels if record.message else ():
            if level.reserved > level.on_hand:
                yield Violation(level.product_id, f"{record.position}: reserved {level.reserved} of {level.on_hand}")


def every_order_ends_once(facts: Facts) -> Violations:
    """A customer gets one answer that does not change: one end an order, and no sale past its deadline."""
    ends: dict[str, list[Record]] = {}
    created: dict[str, m.OrderCreated] = {}
    for record in facts.of("orders.events"):
        match record.message:
            case m.OrderCreated() as event:
                created.setdefault(event.order_id, event)
            case m.OrderConfirmed() | m.OrderCancelled() as event:
                ends.setdefault(event.order_id, []).append(record)
    for order_id, event in created.items():
        found = ends.get(order_id, [])
        if len(found) != 1:
            places = ", ".join(str(record.position) for record in found) or "none"
            yield Violation(order_id, f"{len(found)} ends: {places}")
        for record in found:
            late = facts.on_wall_clock and record.timestamp / 1000 > event.deadline.timestamp() + GRACE_SECONDS
            if late and isinstance(record.message, m.OrderConfirmed):
                yield Violation(order_id, f"{record.position}: confirmed after its deadline {event.deadline}")
    for order_id in ends.keys() - created.keys():
        yield Violation(order_id, "ended, and was never created")


GRACE_SECONDS = 15.0
"""Between decision and time stamp lie one batch and one transaction, and both are bounded."""


def money_and_goods_move_together(facts: Facts) -> Violations:
    """Nobody pays twice or for nothing: one charge an order, none for a cancelled one; each reservation ends once."""
    status = {e.order_id: e for e in facts.messages(m.OrderConfirmed, m.OrderCancelled)}
    charged = Counter(charge.order_id for charge in facts.charges if charge.state == "APPROVED")
    for order_id, count in charged.items():
        if count > 1:
            yield Violation(order_id, f"charged {count} times")
        if isinstance(status.get(order_id), m.OrderCancelled):
            yield Violation(order_id, "cancelled, and still charged")
    for order_id, end in status.items():
        if facts.charges and isinstance(end, m.OrderConfirmed) and order_id not in charged:
            yield Violation(order_id, "confirmed, and never charged")
    moved = {
        kind: Counter((e.order_id, e.warehouse_id) for e in facts.messages(kind))
        for kind in (m.StockReserved, m.StockReleased, m.StockDeducted)
    }
    for held, count in moved[m.StockReserved].items():
        order_id, warehouse_id = held
        released, deducted = moved[m.StockReleased][held], moved[m.StockDeducted][held]
        match status.get(order_id):
            case m.OrderConfirmed():
                good = (count, released, deducted) == (1, 0, 1)
            case m.OrderCancelled():
                good = (count, released, deducted) == (1, 1, 0)
            case _:
                good = True
        if not good:
            yield Violation(
                order_id, f"{warehouse_id}: reserved {count}, released {released}, deducted {deducted} times"
            )


def every_customer_is_told_once(facts: Facts) -> Violations:
    """A notification was sent, is a dead letter or waits; of each that was sent one mail is in the mailbox."""
    requested = {r.message.notification_id for r in facts.of("notifications.requests") if r.message}
    sent = {event.notification_id for event in facts.messages(m.NotificationSent)}
    dead = {event.notification_id for event in facts.messages(m.NotificationFailed)}
    waiting = {r.message.notification_id for r in facts.waiting if r.message}
    for notification_id in sorted(requested - sent - dead - waiting):
        yield Violation(notification_id, "requested, and neither sent nor a dead letter nor waiting")
    for notification_id in sorted((sent | dead) - requested):
        yield Violation(notification_id, "sent or dead-lettered, and never requested")
    if facts.mails is not None:
        in_box = Counter(facts.mails)
        for notification_id in sorted(sent):
            if in_box[notification_id] != 1:
                yield Violation(notification_id, f"{in_box[notification_id]} mails in the mailbox")


def windows_equal_the_log(facts: Facts) -> Violations:
    """Management reads what happened: the windows' sums are a fold over the events, less those counted as late."""
    events = [
        r.message
        for t in ("orders.events", "inventory.events", "notifications.events")
        for r in facts.of(t)
        if r.message
    ]
    counted = sum(window.events for window in facts.windows)
    late = sum(facts.late.values())
    if counted + late != len(events):
        yield Violation("all windows", f"{len(events)} events, {counted} counted, {late} late")
    if late:
        return  # which events were late is not in the log, only how many
    folded: dict[object, Window] = {}
    for event in events:
        window = Window.of(event)
        folded[window.start] = folded[window.start] + window if window.start in folded else window
    for window in facts.windows:
        expected = folded.pop(window.start, None)
        if expected is None or _figures(expected) != _figures(window):
            yield Violation(str(window.start), f"log {expected and _figures(expected)}, window {_figures(window)}")
    for start in folded:
        yield Violation(str(start), "in the log, and in no window")


def state_equals_the_log(facts: Facts) -> Violations:
    """A restart forgets and invents nothing: changelog and newest stock events agree, SQL is the fold of the log."""
    newest: dict[str, m.Level] = {}
    for record in facts.of("inventory.events"):
        newest |= {level.product_id: level for level in record.message.levels} if record.message else {}
    for product_id, level in sorted(newest.items()):
        stored = facts.stock.get(product_key(product_id))
        if not isinstance(stored, Product) or (stored.on_hand, stored.reserved) != (level.on_hand, level.reserved):
            yield Violation(product_id, f"changelog {stored}, newest event {level}")
    if facts.read_model is None:
        return
    rows: dict[str, order_view.OrderRow] = {}
    for record in facts.of("orders.events"):
        if record.message:
            order_id = record.message.order_id
            rows[order_id] = order_view.evolve(rows.get(order_id), record.message)
    stored_rows = {row.order_id: row for row in facts.read_model}
    for order_id in sorted(rows.keys() | stored_rows.keys()):
        if rows.get(order_id) != stored_rows.get(order_id):
            yield Violation(order_id, f"SQL {stored_rows.get(order_id)}, log {rows.get(order_id)}")


def every_reader_sees_the_same(facts: Facts) -> Violations:
    """What was committed stays, what was aborted is never seen: who read all along saw what is there at the end."""
    for topic, partition in sorted(facts.witnessed):
        seen = facts.witnessed[topic, partition]
        there = [r.offset for r in facts.of(topic) if r.partition == partition]
        if seen != there:
            missed, extra = sorted(set(there) - set(seen))[:5], sorted(set(seen) - set(there))[:5]
            yield Violation(
                f"{topic}:{partition}", f"offsets not seen {missed}, seen and gone {extra}, or another order"
            )


def nothing_is_left_over(facts: Facts) -> Violations:
    """All work is done: every group's committed offset is at the end, every saga closed, no transaction open."""
    for lag in facts.lags:
        if lag.lag:
            yield Violation(lag.group, f"{lag.topic}:{lag.partition}: {lag.lag} behind the end {lag.end}")
    for transactional_id in facts.open_transactions:
        yield Violation(transactional_id, "its transaction is open")
    for order_id in facts.open_sagas:
        yield Violation(order_id, "its saga is open")


INVARIANTS: tuple[Callable[[Facts], Violations], ...] = (
    stock_is_conserved,
    every_order_ends_once,
    money_and_goods_move_together,
    every_customer_is_told_once,
    windows_equal_the_log,
    state_equals_the_log,
    every_reader_sees_the_same,
    nothing_is_left_over,
)


def _unique(messages: Iterable[_Message], key: Callable[[_Message], object]) -> Iterable[_Message]:
    return {key(message): message for message in messages}.values()


def _figures(window: Window) -> dict[str, int | Decimal]:
    names = (
        "created",
        "confirmed",
        "cancelled",
        "revenue_created",
        "revenue_confirmed",
        "revenue_lost",
        "sent",
        "failed",
    )
    return {name: getattr(window, name) for name in (*names, "events")}
