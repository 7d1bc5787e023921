"""Invariants 1 to 3: goods, orders and money are neither lost nor doubled."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from ecomkafka import messages as m
from ecomkafka.clients.record import Record
from ecomkafka.domain.stock import Product, Reservation, State, product_key
from ecomkafka.engine.records_set_aside import WAITING, without_marks
from ecomkafka.flow import QUARANTINE
from ecomkafka.invariants.facts import Facts, Slack, Violation, Violations, places

_BEGINNINGS = ("orders.events", "inventory.requests")
"""Where `create_order` writes."""


def stock_is_conserved(facts: Facts) -> Violations:
    """What came in is on the shelf or was sold; nothing is negative; nothing is reserved when every saga is closed."""
    restocked, sold = _came_in(facts), _sold(facts)
    where: dict[str, Record] = {}
    for record in facts.of("inventory.events"):
        for level in record.message.levels if record.message else ():
            where[level.product_id] = record
            if not 0 <= level.reserved <= level.on_hand:
                what = f"reserved {level.reserved} of {level.on_hand} on hand"
                yield Violation(level.product_id, f"{record.position}: {what}")
    held = _held(facts)
    stored = {key.removeprefix("product/") for key, entry in facts.stock.items() if isinstance(entry, Product)}
    for product_id in sorted(restocked.keys() | sold.keys() | stored):
        entry = facts.stock.get(product_key(product_id))
        level = entry if isinstance(entry, Product) else Product()
        last = places([where[product_id]]) if product_id in where else "no event"
        came, went = restocked[product_id], sold[product_id]
        if came != level.on_hand + went:
            yield Violation(product_id, f"came in {came}, on hand {level.on_hand}, sold {went}; last changed at {last}")
        if not 0 <= level.reserved <= level.on_hand:
            yield Violation(product_id, f"on hand {level.on_hand}, reserved {level.reserved}; last changed at {last}")
        elif level.reserved and not facts.open_sagas:
            yield Violation(product_id, f"reserved {level.reserved}, every saga is closed; last changed at {last}")
        elif level.reserved != held[product_id]:
            what = f"reserved {level.reserved}, orders hold {held[product_id]}"
            yield Violation(product_id, f"{what}; last changed at {last}")


def _came_in(facts: Facts) -> Counter[str]:
    """Units of each product; the same restock twice counts once."""
    units: Counter[str] = Counter()
    for command in _unique(facts.messages(m.Restock), lambda c: (c.warehouse_id, c.restock_id)):
        for item in command.items:
            units[item.product_id] += item.quantity
    return units


def _held(facts: Facts) -> Counter[str]:
    """Units of each product that the warehouses' own notes say are held for an order."""
    units: Counter[str] = Counter()
    for entry in facts.stock.values():
        for item in entry.items if isinstance(entry, Reservation) and entry.state is State.HELD else ():
            units[item.product_id] += item.quantity
    return units


def _sold(facts: Facts) -> Counter[str]:
    units: Counter[str] = Counter()
    confirmed = {event.order_id for event in facts.messages(m.OrderConfirmed)}
    for order in _unique(facts.messages(m.OrderCreated), lambda o: o.order_id):
        for line in order.lines if order.order_id in confirmed else ():
            units[line.product_id] += line.quantity
    return units


def every_order_ends_once(facts: Facts) -> Violations:
    """A customer gets one answer that does not change, within the deadline: one end per order, after its beginning."""
    created: dict[str, Record] = {}
    ends: dict[str, list[Record]] = defaultdict(list)
    for record in facts.of("orders.events"):
        if isinstance(record.message, m.OrderCreated):
            created.setdefault(record.message.order_id, record)
        elif record.message and not facts.is_copy(record):
            ends[record.message.order_id].append(record)
    for order_id, first in created.items():
        found = ends.get(order_id, [])
        if len(found) != 1:
            yield Violation(order_id, f"created at {first.position}, {len(found)} ends: {places(found)}")
        for record in found:
            if record.offset < first.offset:
                yield Violation(order_id, f"created at {first.position}, ended before that at {record.position}")
            if facts.on_wall_clock and (late := _late(facts.slack, first.message, record)):
                yield Violation(order_id, f"{record.position}: {record.message.type} {late} after its deadline")
    for order_id in ends.keys() - created.keys():
        yield Violation(order_id, f"never created, ended at {places(ends[order_id])}")
    yield from _others_of_one_id(facts, created)
    yield from _unreadable(facts, created.keys())


def _others_of_one_id(facts: Facts, created: Mapping[str, Record]) -> Violations:
    """A client's repetition is the same order. Of two orders with one id the saga obeys the first."""
    for record in facts.of("orders.events"):
        order = record.message
        if not isinstance(order, m.OrderCreated) or facts.is_copy(record):
            continue
        first = created[order.order_id]
        if (order.customer_id, order.lines) != (first.message.customer_id, first.message.lines):
            what = f"another order of this id is accepted at {record.position} and never ends"
            yield Violation(order.order_id, f"created at {first.position}, {what}")


def _unreadable(facts: Facts, created: Collection[str]) -> Violations:
    """Orders that were accepted, and of which nothing can be read: their records wait in quarantine."""
    aside, fates = without_marks(facts.of(QUARANTINE))
    found: dict[str, list[Record]] = defaultdict(list)
    for record in aside:
        order_id, origin = record.header("correlation"), record.header("origin") or ""
        waits = fates.get(str(record.position), WAITING) == WAITING
        if order_id and order_id not in created and waits and origin.split(":")[0] in _BEGINNINGS:
            found[order_id].append(record)
    for order_id, records in found.items():
        yield Violation(order_id, f"accepted, and none of its records can be read: {places(records)}")


def _late(slack: Slack, created: m.OrderCreated, end: Record) -> timedelta | None:
    allowed = slack.confirmed if isinstance(end.message, m.OrderConfirmed) else slack.cancelled
    late = end.timestamp / 1000 - created.deadline.timestamp()
    return timedelta(seconds=round(late)) if late > allowed else None


def money_and_goods_move_together(facts: Facts) -> Violations:
    """Nobody pays twice or for nothing: a confirmed order is charged its total, once; each reservation ends once."""
    ends = {
        record.message.order_id: record
        for record in facts.of("orders.events")
        if isinstance(record.message, m.OrderConfirmed | m.OrderCancelled)
    }
    if facts.charges is not None:
        yield from _money(facts, ends)
    yield from _goods(facts, ends)


def _money(facts: Facts, ends: dict[str, Record]) -> Violations:
    charged: dict[str, list[Any]] = defaultdict(list)
    for charge in facts.charges or ():
        if charge.state == "APPROVED":
            charged[charge.order_id].append(charge)
    for order_id, charges in charged.items():
        if len(charges) > 1:
            yield Violation(order_id, f"charged {len(charges)} times")
    for order_id in charged.keys() - {order.order_id for order in facts.messages(m.OrderCreated)}:
        yield Violation(order_id, f"charged {charged[order_id][0].amount}, and never created")
    older = {
        record.message.order_id for record in facts.of("orders.events") if record.message and facts.is_older(record)
    }
    for order_id, record in ends.items():
        if order_id in older:
            continue
        paid, end = [charge.amount for charge in charged[order_id]], record.message
        if isinstance(end, m.OrderCancelled) and paid:
            yield Violation(order_id, f"cancelled at {record.position}, and still charged {paid[0]}")
        if isinstance(end, m.OrderConfirmed) and not paid:
            yield Violation(order_id, f"confirmed at {record.position}, and never charged")
        if isinstance(end, m.OrderConfirmed) and paid and paid[0] != end.total:
            yield Violation(order_id, f"confirmed at {record.position} with {end.total}, charged {paid[0]}")


def _goods(facts: Facts, ends: dict[str, Record]) -> Violations:
    created = _unique(facts.messages(m.OrderCreated), lambda order: order.order_id)  # the saga obeys the first of two
    chosen = {order.order_id: order.warehouses for order in created}
    moves: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in facts.of("inventory.events"):
        if record.message and not isinstance(record.message, m.StockRestocked) and not facts.is_copy(record):
            moves[record.message.order_id, record.message.warehouse_id].append(record)
    for (order_id, warehouse_id), records in moves.items():
        kinds = [type(record.message) for record in records]
        wanted: list[type[m.StockEvent]] = [m.StockReserved]
        if order_id in ends:
            sold = isinstance(ends[order_id].message, m.OrderConfirmed) and warehouse_id in chosen.get(order_id, ())
            wanted.append(m.StockDeducted if sold else m.StockReleased)
        if kinds != wanted:
            done = ", ".join(record.message.type for record in records)
            due = ", ".join(str(kind.__struct_config__.tag) for kind in wanted)
            yield Violation(order_id, f"{warehouse_id}: found {done} at {places(records)}, expected {due}")


def _unique(messages: Iterable[Any], key: Callable[[Any], Hashable]) -> Iterable[Any]:
    first: dict[Hashable, Any] = {}
    for message in messages:
        first.setdefault(key(message), message)
    return first.values()
