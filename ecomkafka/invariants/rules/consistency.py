"""Invariants 6 to 8: state, SQL, every reader and the log agree, and nothing is left over."""

from collections import defaultdict

from ecomkafka.clients.record import Record
from ecomkafka.domain import order_view
from ecomkafka.domain.stock import Product, product_key
from ecomkafka.engine.records_set_aside import WAITING
from ecomkafka.flow import CODECS, HOPS, correlation_of
from ecomkafka.invariants.facts import Facts, Violation, Violations, checksum, places
from ecomkafka.messages import Level


def state_equals_the_log(facts: Facts) -> Violations:
    """A restart changes nothing: memory, changelog and newest events agree, and SQL says what the log says."""
    newest: dict[str, tuple[Level, Record]] = {}
    for record in facts.of("inventory.events"):
        for level in record.message.levels if record.message and not facts.is_copy(record) else ():
            newest[level.product_id] = level, record
    for product_id, (level, record) in sorted(newest.items()):
        stored = facts.stock.get(product_key(product_id))
        if not isinstance(stored, Product) or (stored.on_hand, stored.reserved) != (level.on_hand, level.reserved):
            yield Violation(product_id, f"{record.position}: event {level}, changelog {stored}")
    for service in facts.live:
        live, restored = facts.live[service], facts.restored.get(service, {})
        for key in sorted(live.keys() | restored.keys()):
            if live.get(key) != restored.get(key):
                yield Violation(key, f"{service} has {live.get(key)}, its changelog {restored.get(key)}")
    if facts.read_model is not None:
        yield from _sql(facts, {row.order_id: row for row in facts.read_model})


def _sql(facts: Facts, stored: dict[str, order_view.OrderRow]) -> Violations:
    rows: dict[str, order_view.OrderRow] = {}
    records: dict[str, list[Record]] = defaultdict(list)
    for record in (record for record in facts.of("orders.events") if record.message):
        order_id = record.message.order_id
        rows[order_id] = order_view.evolve(rows.get(order_id), record.message)
        records[order_id].append(record)
    for order_id in sorted(rows.keys() | stored.keys()):
        if rows.get(order_id) != stored.get(order_id):
            what = f"SQL {stored.get(order_id)}, log {rows.get(order_id)}"
            yield Violation(order_id, f"{what}: {places(records[order_id])}")


def every_reader_sees_the_same(facts: Facts) -> Violations:
    """All readers see the same: who read all along saw exactly the records that are committed at the end."""
    witnessed = facts.witnessed or {}
    for topic, partition in sorted(witnessed.keys() | {(r.topic, r.partition) for t in CODECS for r in facts.of(t)}):
        place, seen = f"{topic}:{partition}", list(witnessed.get((topic, partition), ()))
        records = [record for record in facts.of(topic) if record.partition == partition]
        there = [record.offset for record in records]
        missed, extra = sorted(set(there) - set(seen))[:5], sorted(set(seen) - set(there))[:5]
        if missed or extra:
            yield Violation(place, f"offsets not seen {missed}, seen and not there {extra}")
        elif seen != there:
            wrong = next(mine for mine, other in zip(seen, [*there, None], strict=False) if mine != other)
            yield Violation(place, f"offset {wrong} was seen twice or out of order")
        elif facts.checksums is not None:
            sums = facts.checksums.get((topic, partition), ())
            changed = [record.offset for record, was in zip(records, sums, strict=False) if checksum(record) != was]
            if changed:
                yield Violation(place, f"offsets {changed[:5]} have another content than the one that was seen")


def nothing_is_left_over(facts: Facts) -> Violations:
    """All work is done: every group's committed offset is at the end, every saga closed, no transaction open."""
    for lag in facts.lags:
        if lag.lag:
            yield Violation(lag.group, f"{lag.topic}:{lag.partition}: {lag.lag} behind the end {lag.end}")
    for transactional_id in facts.open_transactions:
        yield Violation(transactional_id, "its transaction is open")
    for place in facts.hanging:
        yield Violation(place, "readers of what is committed wait here for the end of a transaction")
    for order_id, saga in facts.open_sagas.items():
        yield Violation(order_id, f"its saga is open: {saga}: {places(_of_order(facts, order_id))}")
    yield from _unhandled(facts)


def _of_order(facts: Facts, order_id: str) -> list[Record]:
    topics = HOPS["order"].reads
    return [r for topic in topics for r in facts.of(topic) if r.message and r.message.order_id == order_id]


def _unhandled(facts: Facts) -> Violations:
    for aside in facts.set_aside.values():
        if aside.fate == WAITING and not aside.may_be_refused:
            what = f"{aside.service} put it into quarantine: {aside.record.header('error')}"
            who = correlation_of(aside.origin.message)
            yield Violation(who, f"{aside.origin.position}: {what}: {aside.record.position}")
