"""A saga's executor that survives a crash: all steps are done, or all that was done is undone, the last first."""

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.program import after
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_07.desk import Desk, Refused

STEPS = ("reserve", "charge", "send")

FORGOTTEN = "A step was done, and nobody undid it. Undo every step that may have been done, the last one first."
HALF = "Nothing was refused, and yet not all steps are done at the end. After a crash go on, or undo everything."
DIRECTION = "Something was undone before the crash, and after it the saga went forward again. Note the direction first."
BACKWARDS = "A step was undone before a later one. Undo the last step first: a later step may depend on an earlier one."
RESULT = "Return True if all steps are done, False if all that was done is undone."


def run(desk: Desk, steps: list[str]) -> bool:
    """Do all steps, in this sequence. If one is refused, undo what may have been done. Whether all are done."""
    if "undo" not in desk.notes():
        try:
            for step in steps:
                desk.do(step)
            return True
        except Refused:
            desk.note("undo")
    for step in reversed(steps):
        desk.undo(step)
    return False


def examine_run(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    for refused in ("", *STEPS):
        for cut in range(-1, 60):  # the first time without any
            desk = Desk(refused, cut)
            result, was_cut = _live(answer, desk)
            turned = desk.turned
            if was_cut:
                result, _ = _live(answer, desk)
            _judge(desk, result, turned, f"{refused or 'nothing'} is refused, {after(cut)}")
            if cut >= 0 and not was_cut:
                break


def _live(answer: Bounded, desk: Desk) -> tuple[object, bool]:
    """What the answer returns, and whether the power failed."""
    try:
        return answer(desk, list(STEPS)), False
    except PowerCut:
        return None, True
    finally:
        desk.restart()


def _judge(desk: Desk, result: object, turned: bool, when: str) -> None:
    """`turned`: whether something had been undone before the crash."""
    observed = f"returned {result!r:.40}, done: {desk.done or 'nothing'}; {when}"
    if desk.out_of_sequence:
        raise Wrong(BACKWARDS, "the last step is undone first", f"{desk.out_of_sequence}; {when}")
    everything = desk.done == list(STEPS)
    if not everything and desk.done:
        raise Wrong(FORGOTTEN if desk.turned else HALF, "all steps, or none", observed)
    if everything and turned:
        raise Wrong(DIRECTION, "nothing is done", observed)
    if not everything and when.startswith("nothing is refused, without"):
        raise Wrong(HALF, f"{list(STEPS)} done", observed)
    if result is not everything:
        raise Wrong(RESULT, f"{everything}", observed)


q4 = Question(
    "07.q4",
    examine_run,
    run,
    "the power was cut before and after each of your calls, each step was refused once, and no saga ended in halves.",
)
