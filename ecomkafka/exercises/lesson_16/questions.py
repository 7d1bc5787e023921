"""The client's key, the token bucket, the queue with a bound, and the gateway's side of a key."""

import uuid
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.program import after
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import items
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_16.stage import Desk, Door, NoAnswer

# --- q1: the client's key

DOUBLED = "An answer was lost, and the next attempt was a new order. All attempts of one call need the same key."
MERGED = (
    "Two orders that a customer wanted became one. Each call is an intention of its own, and needs a key of its own."
)
NOTHING = "Nothing was ordered: `door.post(order, key)` orders."
GAVE_UP = "An attempt got no answer, and nobody asked again: whether it is ordered nobody knows."
RETURNED = "Return the id that `post` has returned."


def send(door: Any, order: dict[str, Any]) -> str:
    """Order once, however many answers are lost; the order's id."""
    key = str(uuid.uuid4())
    while True:
        try:
            return str(door.post(order, key))
        except NoAnswer:
            continue


LOSSES: tuple[list[str], ...] = ([], ["answer"], ["request"], ["answer", "request", "answer", "answer"])


def examine_send(answer: Bounded, stage: Stage) -> None:
    answer.passes = (NoAnswer,)
    for losses in LOSSES:
        door = Door(losses)
        for number in (1, 2):  # the same customer wants the same thing once more
            try:
                returned = answer(door, {"customer": "ann", "mice": 1})
            except NoAnswer:
                raise Wrong(GAVE_UP, "an order's id", f"NoAnswer, lost: {losses}") from None
            if len(door.orders) != number:
                hint = DOUBLED if len(door.orders) > number else MERGED if door.orders else NOTHING
                raise Wrong(hint, f"{number} order(s)", f"{len(door.orders)}, lost: {losses or 'nothing'}")
            if returned != f"ORD-{number}":
                raise Wrong(RETURNED, f"ORD-{number}", f"{returned!r:.60}")


q1 = Question("16.q1", examine_send, send, "answers and requests were lost, and every intention became one order.")

# --- q2: the token bucket

OVERFULL = "A request passed, and the bucket was empty: it holds `burst` at most, and whoever passes takes one token."
STARVED = "A request was refused, and there was a token: the bucket is full at first, and a refused request takes none."


def allowed(times: list[float], rate: float, burst: int) -> list[bool]:
    """For each request of one client, by its time in seconds, whether it passes."""
    tokens, then, passed = float(burst), 0.0, []
    for now in times:
        tokens = min(burst, tokens + (now - then) * rate)
        then = now
        passed.append(tokens >= 1)
        tokens -= passed[-1]
    return passed


BUCKETS: tuple[tuple[list[float], float, int], ...] = (
    ([0.0, 0.0, 0.0, 0.5, 0.5], 2.0, 2),
    ([60.0] * 12 + [61.0] * 4, 2.0, 10),
    ([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5], 1.0, 1),
    ([0.75, 0.75, 0.75, 1.0, 1.0, 1.0, 1.25], 3.0, 3),
    ([], 1.0, 5),
)


def examine_allowed(answer: Bounded, stage: Stage) -> None:
    for times, rate, burst in BUCKETS:
        right = allowed(times, rate, burst)
        found = [bool(value) for value in items(answer(list(times), rate, burst), "a list of True and False")]
        if found != right:
            first = next(
                (n for n, pair in enumerate(zip(found, right, strict=False)) if pair[0] != pair[1]), len(found)
            )
            more = first < len(found) and found[first]
            what = f"rate {rate:g}, burst {burst}, request {first + 1} of {len(times)}"
            raise Wrong(OVERFULL if more else STARVED, f"{right}", f"{found!r:.200}; {what}")


q2 = Question("16.q2", examine_allowed, allowed, "bursts, pauses and floods: each request had its token, or none.")

# --- q3: who is answered in time

LATE = (
    "This order was answered when its customer had left: from its arrival to its end it took longer than the patience."
)
NO_PLACE = "This order was refused: as many orders were in the queue and in work as there are places."
MISSING = "This order was answered in time. An order that was refused takes no time of the clerk's."


def in_time(arrivals: list[int], work: int, patience: int, places: int) -> list[int]:
    """The numbers of the orders that are answered in time; all times in milliseconds."""
    ends: list[int] = []
    found = []
    for number, now in enumerate(arrivals):
        ends = [end for end in ends if end > now]
        if len(ends) < places:
            ends.append(max([now, *ends]) + work)
            if ends[-1] - now <= patience:
                found.append(number)
    return found


RUSHES: tuple[tuple[list[int], int, int, int], ...] = (
    ([0, 100, 200], 50, 100, 8),
    ([0, 0, 0, 0, 0, 0], 50, 120, 8),
    ([0, 0, 0, 0, 0, 0, 60, 60], 50, 1_000, 2),
    ([25 * n for n in range(80)], 50, 500, 8),
    ([25 * n for n in range(80)], 50, 500, 1_000),
    ([7, 7, 7, 200, 210, 220, 1_000], 90, 180, 2),
)


def examine_in_time(answer: Bounded, stage: Stage) -> None:
    for arrivals, work, patience, places in RUSHES:
        right = in_time(arrivals, work, patience, places)
        found = items(answer(list(arrivals), work, patience, places), "a list of numbers of orders")
        if sorted(found) != right:
            other = min(set(found) ^ set(right))
            accepted = in_time(arrivals, work, 10**9, places)
            hint = MISSING if other in right else LATE if other in accepted else NO_PLACE
            expected = f"{len(right)} in time" if len(right) > 8 else f"{right}"
            observed = f"{len(found)} orders, the first difference is order {other}; {places} places"
            raise Wrong(hint, expected, observed)


q3 = Question(
    "16.q3", examine_in_time, in_time, "quiet hours and rushes, with a bound and without: nobody was served in vain."
)

# --- q4: the gateway's side of a key

TWICE = "One key, and more than one order: after a power cut nobody knew that the order was placed."
NEVER = "The gateway answered 202, and there is no such order."
OTHER = "The key came with another order: answer 422, and leave the first one as it is."
REFUSED = "That was a repetition, or a new key: answer 202."


def handle(desk: Any, key: str, order: dict[str, Any]) -> int:
    """Place the order once per key: 202; 422 if the key belongs to another order."""
    order_id = f"ORD-{key}"
    known = desk.find(order_id)
    if known is None:
        desk.place(order_id, order)
    return 202 if known in (None, order) else 422


def examine_handle(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    one, other = {"mice": 1}, {"mice": 3}
    for cut in range(-1, 24):
        desk = Desk(cut)
        was_cut = False
        steps = (("k-1", one, 202, [one]), ("k-1", one, 202, [one]), ("k-1", other, 422, [one]))
        for key, order, status, orders in (*steps, ("k-2", one, 202, [one, one])):
            try:
                found = answer(desk, key, dict(order))
            except PowerCut:
                was_cut = True
                desk.restart()
                found = answer(desk, key, dict(order))  # the client had no answer, and sends it again
            _judge(desk, found, status, orders, f"{key} with {order}, {after(cut)}")
        if cut >= 0 and not was_cut:
            return


def _judge(desk: Desk, found: object, status: int, orders: list[Any], when: str) -> None:
    placed = list(desk.orders.values())
    observed = f"{found!r:.40}, orders {placed!r:.100}; {when}"
    expected = f"{status}, orders {orders}"
    if status == 422 and (found != 422 or placed != orders):
        raise Wrong(OTHER, expected, observed)
    if len(placed) > len(orders):
        raise Wrong(TWICE, expected, observed)
    if found != status:
        raise Wrong(REFUSED, expected, observed)
    if placed != orders:
        raise Wrong(NEVER, expected, observed)


q4 = Question(
    "16.q4", examine_handle, handle, "the power was cut before and after each of your calls: one key, one order."
)
