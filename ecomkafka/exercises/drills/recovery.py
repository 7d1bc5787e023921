"""Whether a shop is well again: an order of each warehouse at each door goes through, and the invariants hold."""

import time
from collections.abc import Callable, Iterator

from ecomkafka.exercises.drills.scene import PRODUCTS, REFUSED, Scene
from ecomkafka.flow import DEAD_LETTERS
from ecomkafka.services.dead_letters import dead_letters
from ecomkafka.waiting import EVERY

PATIENCE = 30.0
"""Seconds for all orders of a check together: a well shop needs one or two."""

SHOWN = 2


def remains(scene: Scene) -> Iterator[str]:
    """What is still ill, one sentence each; the first that shows a symptom ends the look, since others follow of it."""
    deadline = time.monotonic() + PATIENCE
    yield from _orders(scene, deadline) or _rest(scene, deadline)


def _orders(scene: Scene, deadline: float) -> list[str]:
    wrong, placed = [], {}
    for name, door in (("the shop's own door", scene.shop.order), ("the app", scene.app.order)):
        for product in PRODUCTS:
            try:
                placed[door("inspector", {product: 1})] = f"{product}, by {name}"
            except REFUSED as error:
                return [f"an order of {product} at {name} is refused: {type(error).__name__}: {error!s:.120}"]
    for order_id, what in placed.items():
        try:
            status = scene.shop.wait(order_id, max(0.1, deadline - time.monotonic()))
        except TimeoutError:
            status = f"still pending after {PATIENCE:.0f} s"
        if status != "CONFIRMED":
            wrong.append(f"order {order_id} ({what}) is {status}: `trace {order_id}` shows how far it came")
    return wrong[:SHOWN] or _told(scene, placed, deadline)


def _told(scene: Scene, placed: dict[str, str], deadline: float) -> list[str]:
    """Whether each customer has a mail and each parcel a label."""
    wrong = []
    looks: dict[str, Callable[[], set[str]]] = {
        "no mail has told the customer of": lambda: _mailed(scene),
        "no label was printed for": lambda: set(scene.labels.printed),
    }
    for what, done in looks.items():
        while (missing := sorted(placed.keys() - done())) and time.monotonic() < deadline:
            time.sleep(EVERY)
        if missing:
            wrong.append(f"{what} order {missing[0]} ({placed[missing[0]]}), {len(missing)} of {len(placed)}")
    return wrong


def _mailed(scene: Scene) -> set[str]:
    server = scene.shop.mail_server
    assert server is not None, "every drill has one"
    return {mail.notification_id.rpartition("-")[0] for mail in server.messages}


def _rest(scene: Scene, deadline: float) -> list[str]:
    """The others' work: nothing waits, every order has a label, nothing is lost."""
    if letters := [letter for letter in dead_letters(scene.cluster) if letter.state == "waiting"]:
        return [f"{len(letters)} letters wait in {DEAD_LETTERS}, first {letters[0].position}: {letters[0].reason:.120}"]
    try:
        scene.shop.settle(max(1.0, deadline - time.monotonic()))
    except TimeoutError as error:
        return [f"some work is not done: {error}"]
    confirmed = set(scene.shop.orders().query("status == 'CONFIRMED'")["order_id"])
    if missing := sorted(confirmed - set(scene.labels.printed)):
        return [f"{len(missing)} confirmed orders have no label, first {missing[0]}"]
    broken = scene.invariants().query("holds == False")
    return [f"the invariant {name} does not hold: {row['first']:.200}" for name, row in broken.iterrows()][:SHOWN]
