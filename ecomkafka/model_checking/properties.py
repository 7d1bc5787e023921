"""What has to be true of an order, whatever happens to it. A property is a function from a situation to yes or no.

*Always*: it is true in every world. *Sometimes*: there is a world in which it is true, so the search is no sham.
*Eventually*, that every order ends, is not a property of one world: `search.py` looks for it.
"""

from collections.abc import Callable

from ecomkafka.domain.payment_states import Payment
from ecomkafka.domain.stock import State
from ecomkafka.messages import Reason
from ecomkafka.model_checking.bounds import Bounds
from ecomkafka.model_checking.situation import Situation

Property = Callable[[Situation], bool]


# --- any saga


def the_rule_raises_nothing(now: Situation) -> bool:
    """The rule raises no exception, is pure, and sends what it may send."""
    return not now.office.error


def never_two_ends(now: Situation) -> bool:
    """An order is confirmed once or cancelled once, and never both."""
    return len(now.office.ends) <= 1


def a_confirmed_order_is_paid_and_held(now: Situation) -> bool:
    """When an order is confirmed its payment is approved, and every warehouse holds its goods or has sent them."""
    return not now.confirmed or (now.paid and now.goods <= {State.HELD, State.DEDUCTED})


def every_order_ends(now: Situation) -> bool:
    """When nothing is on its way any more the order has ended: it needs no deadline for that."""
    return not now.quiet or now.ended


def nobody_holds_stock_at_the_end(now: Situation) -> bool:
    """When all is quiet after an order's end, no warehouse holds goods for it."""
    return not (now.quiet and now.ended) or State.HELD not in now.goods


def money_and_goods_go_together(now: Situation) -> bool:
    """When all is quiet after an order's end, either it is confirmed, paid, and all goods have left, or none of the
    three is true.
    """
    if not (now.quiet and now.ended):
        return True
    gone = {each.goods is State.DEDUCTED for each in now.warehouses}
    return gone == {now.paid} == {now.confirmed}


PROPERTIES: tuple[Property, ...] = (
    the_rule_raises_nothing,
    never_two_ends,
    a_confirmed_order_is_paid_and_held,
    every_order_ends,
    nobody_holds_stock_at_the_end,
    money_and_goods_go_together,
)
"""What any saga owes."""


# --- what the shop's saga promises beyond that


def the_end_fits_what_was_heard(now: Situation) -> bool:
    """A cancelled order has the most important reason that was known, and a confirmed one had none."""
    return now.office.fits


def the_customer_is_told_the_end(now: Situation) -> bool:
    """The customer is told of every end, once, with its reason."""
    return now.office.told == now.office.ends


def only_what_was_done_is_undone(now: Situation) -> bool:
    """RELEASE goes to a warehouse that has reserved; a charge is voided only if all have, so that it may exist."""
    has_reserved = [each.goods not in (None, State.REJECTED) for each in now.warehouses]
    released = ["RELEASE" in each.in_flight for each in now.warehouses]
    voided = now.office.payment is Payment.VOIDED or "Void" in now.office.in_flight
    return all(has_reserved) if voided else all(has for has, told in zip(has_reserved, released, strict=True) if told)


def money_is_wanted_once(now: Situation) -> bool:
    """The saga asks for the money once; what it forgets in a crash does not count."""
    return now.office.asked <= 1


def an_ended_order_is_forgotten(now: Situation) -> bool:
    """When all is quiet after an order's end the saga is closed, so that its memory can be given back."""
    return not (now.quiet and now.ended) or now.state.closed


def nothing_is_owed_by_what_is_forgotten(now: Situation) -> bool:
    """A closed saga has an end, has no void to ask for, and if it is cancelled nobody holds goods for it."""
    if not now.state.closed:
        return True
    held = now.cancelled and State.HELD in now.goods
    return now.ended and not held and "Void" not in now.office.in_flight


SAGA_PROPERTIES: tuple[Property, ...] = (
    *PROPERTIES,
    the_end_fits_what_was_heard,
    the_customer_is_told_the_end,
    only_what_was_done_is_undone,
    money_is_wanted_once,
    an_ended_order_is_forgotten,
    nothing_is_owed_by_what_is_forgotten,
)


# --- sometimes


def examples(bounds: Bounds) -> dict[str, Property]:
    """What a search within these bounds has to meet."""
    wishes = () if bounds.rollback else (Reason.ROLLED_BACK, Reason.CUSTOMER_REQUEST)
    reasons = [reason for reason in Reason if reason not in wishes]
    met: dict[str, Property] = {f"CANCELLED {reason}": _cancelled_for(reason) for reason in reasons}
    return {"CONFIRMED": lambda now: now.confirmed, **met}


def it_comes_to_rest(now: Situation) -> bool:
    """Nothing goes round in a cycle for ever. No single situation shows that: the search looks for it."""
    return True


def _cancelled_for(reason: Reason) -> Property:
    return lambda now: ("CANCELLED", reason) in now.office.ends
