"""The tables on both sides: an order and its message together or not at all, and each message counted once."""

from contextlib import closing
from typing import Any

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.program import after
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_10.stage import Bonus, Message, Sales

# --- q1: both rows, or neither

ROW_ALONE = "The order is there, and nobody will ever send its message. Both rows belong into one SQL transaction."
MESSAGE_ALONE = "The message will be sent, and its order is not there. Both rows belong into one SQL transaction."
NOT_COMMITTED = "Nothing went wrong, and nothing is there after the restart: what was not committed never was."


def take(database: Any, order_id: str) -> None:
    """Write the order and its message: both, or neither."""
    database.execute("INSERT INTO orders VALUES (?)", (order_id,))
    database.execute("INSERT INTO outbox (order_id) VALUES (?)", (order_id,))
    database.commit()


def examine_take(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    for cut in range(-1, 24):  # the first time without any
        with closing(Sales(cut)) as database:
            was_cut = _is_cut(answer, database, "ORD-1")
            database.restart()
            orders, outbox = database.rows()
        if orders != outbox or (cut < 0 and orders != ["ORD-1"]):
            hint = NOT_COMMITTED if orders == outbox else ROW_ALONE if len(orders) > len(outbox) else MESSAGE_ALONE
            expected = "1 order and 1 message" + (", or neither" if cut >= 0 else "")
            raise Wrong(hint, expected, f"{len(orders)} and {len(outbox)}, {after(cut)}")
        if cut >= 0 and not was_cut:
            return


def _is_cut(answer: Bounded, *arguments: Any) -> bool:
    """Call it; whether the power failed."""
    try:
        answer(*arguments)
    except PowerCut:
        return True
    return False


q1 = Question(
    "10.q1",
    examine_take,
    take,
    "the power was cut before each of your calls and after the commit, and no order was without its message.",
)

# --- q2: the inbox

COUNTED_TWICE = "A message came again, and was counted again. Its id and its points belong into one SQL transaction."
NOT_COUNTED = "A message was taken for one that had been counted, and its points never came."
NO_COMMIT = "Nothing went wrong, and there are no points after the restart: what was not committed never was."
DELIVERIES = tuple(
    Message(f"web-{number}", customer, points)
    for number, customer, points in ((1, "ann", 10), (2, "ben", 5), (1, "ann", 10), (3, "ann", 10), (2, "ben", 5))
)


def receive(database: Any, message: Any) -> None:
    """Add the message's points to its customer's row, once, however often the message comes."""
    known = database.execute("SELECT 1 FROM inbox WHERE message_id = ?", (message.id,))
    if known:
        return
    database.execute("INSERT INTO inbox VALUES (?)", (message.id,))
    add = "UPDATE points SET points = points + ? WHERE customer = ?"
    database.execute(add, (message.points, message.customer))
    database.commit()


def examine_receive(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    right = {"ann": 20, "ben": 5}
    for cut in range(-1, 60):  # the first time without any
        with closing(Bonus(cut, sorted(right))) as database:
            was_cut = False
            for message in DELIVERIES:
                if _is_cut(answer, database, message):
                    was_cut = True
                    database.restart()
                    answer(database, message)  # its offset was not committed, so it comes once more
            database.restart()
            found = database.points()
        if found != right:
            more = sum(found.values()) > sum(right.values())
            hint = COUNTED_TWICE if more else NOT_COUNTED if any(found.values()) else NO_COMMIT
            raise Wrong(hint, f"{right}", f"{found}, {after(cut)}")
        if cut >= 0 and not was_cut:
            return


q2 = Question(
    "10.q2",
    examine_receive,
    receive,
    "messages came twice, the power was cut before each of your calls, and every point was counted once.",
    seconds=4.0,
)
