"""A case of the mail server."""

from ecomkafka.exercises.drills.case import Case
from ecomkafka.exercises.drills.scene import Scene
from ecomkafka.gateways.mail import TIMEOUT
from ecomkafka.services.dead_letters import dead_letters
from ecomkafka.waiting import until

DELAYS = (0.2, 0.4)
"""Seconds between the attempts: nobody wants to wait for the real ones in a drill."""

BOTH = 2
"""An order at each door."""


def _late(scene: Scene) -> None:
    assert scene.shop.mail_server is not None, "every drill has one"
    scene.shop.mail_server.delay = TIMEOUT + 0.5
    scene.orders("MOUSE-001")
    until(lambda: len(dead_letters(scene.cluster)) == BOTH, what="dead letters of both orders")


LATE = Case(
    name="late",
    story="The call centre has a list of customers who could not be told of their order. The customers on it say that "
    "they have got their mail.",
    cause="mail-silent",
    cures=("restart-mail",),
    hints=(
        "The list of the call centre is a topic. Which reason does it give?",
        "Is the mail of such a customer in `drill.shop.mailbox()`? Then what is it that failed?",
        "`dlq list` says 'timed out', and the mail is in the mailbox: it was taken, and the answer did not come.",
    ),
    praise="No answer does not mean not done: the Message-ID makes the second copy harmless.",
    strike=_late,
    options={"retry_delays": DELAYS},
)
