"""What must be true of answers and stock, whatever happened: the first thing that is not, as a `Finding`."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from ecomkafka.clients.record import Record
from ecomkafka.exercises.capstone.differences import first_difference
from ecomkafka.exercises.capstone.shelves import Model, partition_of_product
from ecomkafka.messages import Message, Reserved


class Kind(Enum):
    """What is wrong."""

    GARBAGE = "that is no message of the shop"
    PLACE = "a stock record lies in another partition than its product's"
    KEY = "an answer has another key"
    UNASKED = "an answer to a request that nobody made"
    LOST = "a request was never answered"
    TWICE = "a request was answered more than once"
    OTHER = "an answer differs from the right one"
    NEGATIVE = "the stock is below zero"
    LEVEL = "the stock differs from what the answers have taken"
    HALF = "an answer is visible without its stock change, or the other way round"


class Finding(NamedTuple):
    kind: Kind
    order_id: str
    expected: str
    observed: str
    where: str = ""


def first_finding(
    model: Model, answers: Sequence[Record], stock: Sequence[Record], *, at_least_once: bool = False
) -> Finding | None:
    """The first finding, or None. `at_least_once`: an answer may come twice, and the stock is not compared."""
    checks = [_answers, _lost, *([] if at_least_once else [_twice]), _differing, _levels]
    for check in checks:
        if finding := check(model, answers, stock):
            return finding
    return None if at_least_once else _level(model, stock)


def half(model: Model, answers: Sequence[Record], stock: Sequence[Record], order_id: str) -> Finding | None:
    """Whether the committed answers and the committed stock don't go together; `order_id` was under way."""
    reserved = [r.message.order_id for r in answers if isinstance(r.message, Reserved)]
    known = dict.fromkeys(name for name in reserved if name in model.requests)
    finding = _compare(model.left_after(known), stock, Kind.HALF, order_id)
    if finding is None:
        return None
    answered = "RESERVED" if order_id in known else "without an answer"
    return finding._replace(
        expected=f"for readers {order_id} is {answered}: {finding.expected}",
        observed=f"at the kill: {finding.observed}",
    )


def _answers(model: Model, answers: Sequence[Record], stock: Sequence[Record]) -> Finding | None:
    for record in answers:
        where, value = str(record.position), f"{(record.value or b'').decode('utf-8', 'replace')!s:.120}"
        if record.message is None:
            for order_id, right in model.answers.items():
                if record.key == order_id.encode() and (field := first_difference(right, record.value)):
                    return Finding(Kind.OTHER, order_id, *field, where)
            return Finding(Kind.GARBAGE, "", "RESERVED or INSUFFICIENT_STOCK, with its fields", value, where)
        order_id = str(getattr(record.message, "order_id", ""))
        if order_id not in model.requests:
            return Finding(Kind.UNASKED, order_id, "answers to the requests that were made", value, where)
        if record.key != order_id.encode():
            return Finding(Kind.KEY, order_id, f"the key {order_id.encode()!r}", f"{record.key!r}", where)
    return None


def _lost(model: Model, answers: Sequence[Record], stock: Sequence[Record]) -> Finding | None:
    answered = {record.message.order_id for record in answers}
    lost = [order_id for order_id in model.requests if order_id not in answered]
    if not lost:
        return None
    count = f"{len(lost)} of {len(model.requests)} requests have no answer: {', '.join(lost[:3])}"
    return Finding(Kind.LOST, lost[0], f"one answer to {lost[0]}", count + (", …" if len(lost) > 3 else ""))


def _twice(model: Model, answers: Sequence[Record], stock: Sequence[Record]) -> Finding | None:
    places: dict[str, list[str]] = {}
    for record in answers:
        places.setdefault(record.message.order_id, []).append(str(record.position))
    for order_id, found in places.items():
        if len(found) > 1:
            return Finding(Kind.TWICE, order_id, f"one answer to {order_id}", str(len(found)), ", ".join(found))
    return None


def _differing(model: Model, answers: Sequence[Record], stock: Sequence[Record]) -> Finding | None:
    for record in answers:
        right: Message = model.answers[record.message.order_id]
        if record.message != right:
            said = first_difference(right, record.value) or (_said(right), _said(record.message))
            return Finding(Kind.OTHER, record.message.order_id, *said, str(record.position))
    return None


def _levels(model: Model, answers: Sequence[Record], stock: Sequence[Record]) -> Finding | None:
    for record in stock:
        text, product = (record.value or b"").decode("utf-8", "replace"), (record.key or b"").decode("utf-8", "replace")
        place = str(record.position)
        if product not in model.opening or not text.removeprefix("-").isdecimal():
            expected = "key: a product, value: the units left, b'8' for example"
            return Finding(Kind.GARBAGE, "", expected, f"{record.key!r}: {record.value!r:.60}", place)
        if record.partition != (right := partition_of_product(product)):
            expected = f"{product} in partition {right}, where its warehouse's requests lie"
            return Finding(Kind.PLACE, model.first_other(product, []), expected, str(record.partition), place)
        if int(text) < 0:
            return Finding(Kind.NEGATIVE, "", f"{product}: 0 or more", f"{product}: {text}", place)
    return None


def _level(model: Model, stock: Sequence[Record]) -> Finding | None:
    if finding := _compare(model.left, stock, Kind.LEVEL, ""):
        product = finding.expected.partition(":")[0].encode()
        written = [int(record.value or b"0") for record in stock if record.key == product]
        return finding._replace(order_id=model.first_other(product.decode(), written[1:]))  # after the opening stock
    return None


def _compare(right: dict[str, int], stock: Sequence[Record], kind: Kind, order_id: str) -> Finding | None:
    last = {(record.key or b"").decode(): record for record in stock}
    for product, units in right.items():
        record = last.get(product)
        found = int(record.value or b"0") if record else None
        if found != units:
            place = str(record.position) if record else ""
            return Finding(kind, order_id, f"{product}: {units} left", f"{product}: {found} left", place)
    return None


def _said(message: Message) -> str:
    if (shortages := getattr(message, "shortages", None)) is None:
        return f"{message.type} for {getattr(message, 'order_id', '?')}, at {message.at:%H:%M:%S}"
    short = ", ".join(f"{s.product_id} {s.requested} of {s.available}" for s in shortages)
    return f"{message.type} for {getattr(message, 'order_id', '?')} ({short}), at {message.at:%H:%M:%S}"
