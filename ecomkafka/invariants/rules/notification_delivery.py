"""Invariant 4: every request for a notification has one outcome, every mail has a request."""

from collections import Counter
from collections.abc import Collection, Iterable

from ecomkafka import messages as m
from ecomkafka.clients.record import Record
from ecomkafka.engine.records_set_aside import EDITED_FROM, REPLAYED, without_marks
from ecomkafka.flow import DEAD_LETTERS, RETRY_TOPICS
from ecomkafka.invariants.facts import Facts, Violation, Violations


def every_customer_is_told_once(facts: Facts) -> Violations:
    """For each ended order: exactly one mail in the mailbox, or one dead letter."""
    yield from _outcomes(facts)
    yield from _letters(facts)
    requested = {r.message.notification_id: r for r in facts.of("notifications.requests") if r.message}
    orders = {record.message.order_id for record in requested.values()}
    for record in facts.of("orders.events"):
        if isinstance(record.message, m.OrderConfirmed | m.OrderCancelled) and record.message.order_id not in orders:
            yield Violation(record.message.order_id, f"{record.position}: nobody was asked to tell the customer")
    sent: dict[str, Record] = {}
    for record in facts.of("notifications.events"):
        if record.message and record.message.notification_id not in requested:
            yield Violation(record.message.notification_id, f"{record.position}: never requested")
        if isinstance(record.message, m.NotificationSent) and not facts.is_older(record):
            sent.setdefault(record.message.notification_id, record)
    if facts.mails is not None:
        yield from _mails(facts.mails, sent, requested)


def _outcomes(facts: Facts) -> Violations:
    """Each request, and each retry, has one: sent, given up, the next retry, a place in a queue, or it was sent again
    out of quarantine.
    """
    outcomes: Counter[str | None] = Counter(
        str(place) for place in {a.origin.position for a in facts.set_aside.values() if a.fate == REPLAYED}
    )
    for topic in ("notifications.events", *RETRY_TOPICS):
        outcomes.update(r.header("causation") for r in facts.of(topic) if r.message and not facts.is_copy(r))
    outcomes.update(str(record.position) for record in facts.waiting)
    for topic in ("notifications.requests", *RETRY_TOPICS):
        for record in facts.of(topic):
            if record.message and (count := outcomes[str(record.position)]) != 1:
                yield Violation(record.message.notification_id, f"{record.position}: {count} outcomes, not one")


def _letters(facts: Facts) -> Violations:
    """Who gives up leaves a dead letter, and nobody else does; an edited one stands for that which it replaces."""
    written, _ = without_marks(facts.of(DEAD_LETTERS))
    letters = {r.header("causation"): r for r in written if r.message and r.header(EDITED_FROM) is None}
    failed = {
        record.header("causation"): record
        for record in facts.of("notifications.events")
        if isinstance(record.message, m.NotificationFailed) and not facts.is_copy(record)
    }
    for cause, record in failed.items():
        if cause not in letters:
            yield Violation(record.message.notification_id, f"{record.position}: given up, and no dead letter")
    for cause, record in letters.items():
        if cause not in failed and not facts.is_copy(record):
            yield Violation(record.message.notification_id, f"{record.position}: a dead letter, and nobody gave up")


def _mails(mails: Iterable[str], sent: dict[str, Record], requested: Collection[str]) -> Violations:
    in_box = Counter(mails)
    for notification_id, record in sent.items():
        if in_box[notification_id] != 1:
            yield Violation(
                notification_id, f"sent at {record.position}, {in_box[notification_id]} times in the mailbox"
            )
    for notification_id in sorted(in_box.keys() - set(requested)):
        yield Violation(notification_id, "is in the mailbox, and was never requested")
