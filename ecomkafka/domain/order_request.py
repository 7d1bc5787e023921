"""What a client gives to place orders becomes messages: a ValueError names what is wrong and what is allowed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ecomkafka.domain.basket import FIELDS, Offer, by_warehouse, customer, event_time, identifier, lines_of, shown
from ecomkafka.domain.order import Place, decide
from ecomkafka.messages import Message, OrderCreated, Reserve

KEYS = ("customer_id", "items", "order_id", "at", "traceparent")
NEEDED = ("customer_id", "items")

_DICT = "with 'customer_id' and 'items' is needed"


def requests_of(requests: Any) -> Iterator[Mapping[str, Any]]:
    """Each of `requests`, if it has the keys of one: `domain/basket.py` checks the values."""
    if isinstance(requests, str | bytes | Mapping) or not isinstance(requests, Iterable):
        raise ValueError(f"requests is {shown(requests)}: a list of dicts, each {_DICT}")
    for number, request in enumerate(requests, start=1):
        _check(number, request)
        yield request


def messages_of(
    request: Mapping[str, Any],
    offers: Mapping[str, Offer],
    currency: str,
    now: datetime,
    deadline: timedelta,
    new_id: Callable[[], str],
) -> tuple[OrderCreated, list[Reserve]]:
    """ORDER_CREATED, and one RESERVE per warehouse. `new_id` is asked if the client gives no id."""
    lines = lines_of(request["items"], offers)
    wanted = by_warehouse(lines, offers)
    customer_id, order_id, at = customer(request["customer_id"]), request.get("order_id"), request.get("at")
    place = Place(
        order_id=new_id() if order_id is None else identifier("order_id", order_id),
        customer_id=customer_id,
        lines=lines,
        warehouses=tuple(wanted),
        at=now if at is None else event_time(at, now),
        deadline=now + deadline,
        currency=currency,
    )
    (created,) = decide(None, place)
    assert isinstance(created, OrderCreated)
    reserves = [
        Reserve(order_id=place.order_id, warehouse_id=warehouse_id, items=items, at=place.at)
        for warehouse_id, items in wanted.items()
    ]
    return created, reserves


def _check(number: int, request: Any) -> None:
    if not isinstance(request, Mapping):
        raise ValueError(f"order {number} is {shown(request)}: a dict {_DICT}")
    if unknown := sorted(map(shown, request.keys() - set(KEYS))):
        raise ValueError(f"order {number}: unknown key {unknown[0]}: {', '.join(KEYS)} are allowed")
    for key in NEEDED:
        if key not in request:
            raise ValueError(f"order {number}: {key!r} is missing: each order needs {' and '.join(NEEDED)}")
    traceparent = request.get("traceparent")
    if not isinstance(traceparent, str | None):
        raise ValueError(f"order {number}: traceparent is {shown(traceparent)}: a text is needed, or None")


def check_written(message: Message, names: Set[str], now: datetime) -> None:
    """Raise ValueError if no client may write what `message` has in the fields `names`: the client's checks say it."""
    for name in names & {*message.__struct_fields__}:
        value = getattr(message, name)
        if name == "order_id":
            identifier(name, value)
        elif name == "customer_id":
            customer(value)
        elif name == "at":
            event_time(value, now)
    if isinstance(message, OrderCreated) and not {"lines", "total"}.isdisjoint(names):
        _check_lines(message)


class _AnyPlace(NamedTuple):
    """A product as a line has it: which warehouse has it only the catalogue knows."""

    price: Decimal
    warehouse_id: str = ""


def _check_lines(order: OrderCreated) -> None:
    lines_of(
        [{name: getattr(line, name) for name in FIELDS} for line in order.lines],
        {line.product_id: _AnyPlace(line.price) for line in order.lines},
    )
    due = sum((line.amount for line in order.lines), Decimal(0))
    if order.total != due:
        raise ValueError(f"total is {order.total}: its lines add up to {due}")
