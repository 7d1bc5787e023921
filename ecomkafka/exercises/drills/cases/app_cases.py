"""Cases of another team's app: its orders come in, and are not as they should be."""

from datetime import timedelta

from ecomkafka.exercises.drills.case import Case
from ecomkafka.exercises.drills.scene import Scene

BEHIND = timedelta(seconds=-33)
"""A deadline is 30 seconds after the app's own time: it has passed by 3 when the order comes in."""


def _without_keys(scene: Scene) -> None:
    scene.app.deploy(keyed=False)
    scene.orders()
    scene.shop.settle()


KEYS = Case(
    name="keys",
    story="Since this morning customers of the app are told that everything is sold out. Those who order the same "
    "goods at the shop's own door get them.",
    cause="no-key",
    cures=("send-keys",),
    hints=(
        "Two doors, the same goods, two answers. Put the trace of an order of each door side by side.",
        "Which partition did the request to the warehouse go to, and which instance, with which stock, reads that one?",
        "In `trace` the RESERVE of APP-… has nothing in the column key, and lies in another partition than that of the "
        "same warehouse in ORD-…",
    ),
    praise="One writer per key is a promise of the producer; the services can't see that it was broken.",
    strike=_without_keys,
)


def _clock_behind(scene: Scene) -> None:
    scene.app.set_clock(BEHIND)
    scene.orders()
    scene.shop.settle()


CLOCK = Case(
    name="clock",
    story="Customers of the app get a cancellation in the same second in which they order. From the shop's own door "
    "all goes well.",
    cause="clock-behind",
    cures=("set-clock",),
    hints=(
        "Which reason do the cancelled orders have, and how long did it take? Do these two fit together?",
        "A deadline is a time. Who has written it, and by which clock?",
        "`records('orders.events')` has the broker's time of each record, `written`, beside the `at` that is in it: "
        "compare them in the ORDER_CREATED of APP-… and of ORD-…",
    ),
    praise="A deadline that one machine sets and another one reads is only as good as both clocks.",
    strike=_clock_behind,
)
