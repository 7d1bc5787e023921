"""Plan a deployment, program by program, in which no reader ever meets a record that it cannot read."""

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import pairs
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong

WRITES = {"1": {"total"}, "both": {"total", "amount"}, "2": {"amount"}}
NEEDS = {"1": "total", "2": "amount"}
WAIT = ("log", "wait")

UNKNOWN = 'No such step. There are ("log", "wait"), a writer with "1", "both" or "2", and a reader with "1" or "2".'
NEW_RECORD = "A reader meets a new record that lacks its field: its writer was changed too early."
OLD_RECORD = "A reader meets an old record that lacks its field: it lies in the log until it has been waited for."
NOT_DONE = "The plan is at its end, and not every program has version 2."


def plan(writers: list[str], readers: list[str]) -> list[tuple[str, str]]:
    """The steps, each a pair: a program and its new version, or ("log", "wait"). Every program ends with version 2."""
    expand = [(name, "both") for name in writers]
    upgrade = [(name, "2") for name in readers]
    contract = [(name, "2") for name in writers]
    return [*expand, ("log", "wait"), *upgrade, *contract]


TEAMS = ((["checkout"], ["report"]), (["web", "app", "till"], ["report", "stock"]), (["till"], ["a", "b", "c"]))


def examine_plan(answer: Bounded, stage: Stage) -> None:
    for writers, readers in TEAMS:
        steps = pairs(answer(list(writers), list(readers)), "a list of pairs (program, version)")
        versions = dict.fromkeys([*writers, *readers], "1")
        log = [WRITES["1"]]
        for number, step in enumerate(steps, start=1):
            _take(step, versions, writers, log)
            fresh = [WRITES[versions[name]] for name in writers]
            log += fresh
            for name in readers:
                field, when = NEEDS[versions[name]], f"after step {number} of {len(steps)}, {step}"
                for records, hint in ((fresh, NEW_RECORD), (log, OLD_RECORD)):
                    if lacking := [record for record in records if field not in record]:
                        observed = f"{name} needs {field}, a record has {sorted(lacking[0])}, {when}"
                        raise Wrong(hint, "each reader can read each record", observed)
        if left := [name for name, version in versions.items() if version != "2"]:
            raise Wrong(NOT_DONE, "version 2 everywhere", f"{', '.join(left)} not yet, after {len(steps)} steps")


def _take(step: tuple[str, str], versions: dict[str, str], writers: list[str], log: list[set[str]]) -> None:
    """Do one step: change a program, or wait until everything that lies in the log has gone."""
    name, version = step
    if step == WAIT:
        log.clear()
    elif name in versions and version in (WRITES if name in writers else NEEDS):
        versions[name] = version
    else:
        raise Wrong(UNKNOWN, f"one of {', '.join(versions)}, log", f"{step!r:.60}")


q4 = Question(
    "15.q4",
    examine_plan,
    plan,
    "three teams have version 2, and no reader met what it could not read.",
)
