"""Chaos day: write an invariant, name what a crash leaves, sequence the steps, recover from an unknown outcome."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import items, mapping
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_18.notification_stage import EVENTS, REQUESTS, Desk, outcome, write_requests
from ecomkafka.exercises.lesson_18.recovery_stage import CHANGELOG, FATES, Service, total, write_reservations

# --- q1: an invariant that catches a bug

ALARM = "Nothing is wrong here, and you rang. A failure that was said is an outcome, too: somebody can act on it."
NOT_NOTIFIED = "One customer got no message and another one two. Sums hide that: count for each request."
NOTIFIED_TWICE = "A customer got two messages. One outcome means exactly one, not at least one."
NOT_REQUESTED = "An outcome that nobody asked for is a fault, too: who has written it, and which mail has left?"


def broken(requests: list[Record], outcomes: list[Record]) -> set[str]:
    """The notification ids that break it: each request has exactly one outcome, and each outcome a request."""
    asked = {record.message.notification_id for record in requests}
    told = Counter(record.message.notification_id for record in outcomes)
    return {name for name in asked | told.keys() if name not in asked or told[name] != 1}


def examine_broken(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS, EVENTS)
    requests = write_requests(stage, 8)
    with Desk(stage) as desk:
        for number, record in enumerate(requests[:4]):
            desk.steps(record, ["mail", "transaction"], done=number % 3)
        desk.write(outcome(requests[4].message.notification_id, failed=True))
        _caught(answer, requests[:5], desk.outcomes())
        desk.steps(requests[5], ["note", "mail", "produce"], done=1)
        desk.steps(requests[6], ["mail", "produce", "note"], done=2)
        _caught(answer, requests[:7], desk.outcomes())
        desk.steps(requests[7], ["transaction", "mail"], done=0)
        desk.write(outcome("ORD-99-ORDER_CONFIRMED"))
        _caught(answer, requests, desk.outcomes())


def _caught(answer: Bounded, requests: Sequence[Record], outcomes: Sequence[Record]) -> None:
    said, right = answer(list(requests), list(outcomes)), broken(list(requests), list(outcomes))
    found = set(map(str, items(said, "a set of notification ids")))
    if found == right:
        return
    told = [record.message.notification_id for record in outcomes]
    name = min(found ^ right)
    hint = ALARM if name in found else NOT_NOTIFIED if not told.count(name) else NOTIFIED_TWICE
    hint = NOT_REQUESTED if name.startswith("ORD-99") else hint
    about = [str(r.position) for r in (*requests, *outcomes) if r.message.notification_id == name]
    where = f"{', '.join(about) or 'nowhere'}: {name} has {told.count(name)} outcome(s)"
    raise Wrong(hint, sorted(right) or "nobody", f"{said!r:.90}", where)


q1 = Question(
    "18.q1",
    examine_broken,
    broken,
    "you were silent on a good day with crashes, and named everybody whom two real bugs and a ghost had hurt.",
)

# --- q2: what does a crash leave behind?

FROM_THE_START = "A service that starts again knows no middle: the record comes again, and all steps are taken again."
WANTED = 'a dict, {"mail": …, "record": …}'
NOT_AGAIN = "The record's offset counts already, so nobody reads it again: what was not done by then is never done."


def happens(steps: list[str], done: int) -> dict[str, int]:
    """How often each happens in the end: {"mail": …, "record": …}. `done`: the steps that were taken at the crash."""
    begun = steps[:done]
    again = [] if "note" in begun or "transaction" in begun else steps
    taken = Counter([*begun, *again])
    return {"mail": taken["mail"], "record": taken["produce"] + taken["transaction"]}


ORDERS: tuple[list[str], ...] = (
    ["mail", "transaction"],
    ["mail", "produce", "note"],
    ["note", "mail", "produce"],
    ["produce", "note", "mail"],
    ["transaction", "mail"],
)


def examine_happens(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS, EVENTS)
    cases = [(steps, done) for steps in ORDERS for done in range(len(steps) + 1)]
    requests = write_requests(stage, len(cases))
    with Desk(stage) as desk:
        for record, (steps, done) in zip(requests, cases, strict=True):
            desk.steps(record, steps, done)
        mails = Counter(name for name, _ in desk.mails)
        written = Counter(record.message.notification_id for record in desk.outcomes())
    for record, (steps, done) in zip(requests, cases, strict=True):
        name = record.message.notification_id
        said, right = mapping(answer(list(steps), done), WANTED), {"mail": mails[name], "record": written[name]}
        if said != right:
            more = sum(times for times in said.values() if isinstance(times, int)) > sum(right.values())
            about = f"{right} for {', '.join(steps)}, dead after {done}"
            raise Wrong(NOT_AGAIN if more else FROM_THE_START, about, f"{said!r:.60}", record.position)


q2 = Question(
    "18.q2",
    examine_happens,
    happens,
    "a real service died at each of the points, and left behind what you had said.",
)

# --- q3: order the steps

LOST = "The record was never handled to its end: its offset counted before the work did. They belong together."
DOUBLED = "NOTIFICATION_SENT is there twice: it counted before the offset did. They belong together."
NO_MAIL = "The customer has no mail: what counts was committed before the mail had left. First the mail."
TWO_MAILS = "The mail left twice, that can't be helped; but as two different mails. Its id must be the same each time."
STUCK = "The record was handled, and its offset never counted: it comes again with every start."


def work(desk: Any, record: Record) -> None:
    """Send the mail, and write that it was sent, whatever happens in between."""
    desk.begin()
    desk.mail(record.message.notification_id)
    desk.produce()
    desk.offset()
    desk.commit()


def examine_work(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(REQUESTS, EVENTS)
    handled: list[tuple[Record, int]] = []
    with Desk(stage) as desk:
        for cut, record in enumerate(write_requests(stage, 24), start=-1):  # the first time without any
            was_cut = desk.handle(record, answer, cut)
            handled.append((record, desk.next_offset()))
            if cut >= 0 and not was_cut:
                break
        mails = set(desk.mails)
        written = Counter(record.message.notification_id for record in desk.outcomes())
    for number, (record, offset) in enumerate(handled):
        name = record.message.notification_id
        ids = sum(1 for request, _ in mails if request == name)
        state = f"{ids} mail(s) in the mailbox, {written[name]} times NOTIFICATION_SENT, next offset {offset}"
        hint = _what_is_wrong(ids, written[name], offset > record.offset)
        if hint:
            when = f"after a power cut before call {number}" if number else "without any power cut"
            expected = f"1 mail, 1 time NOTIFICATION_SENT, next offset {record.offset + 1}"
            raise Wrong(hint, expected, f"{state}, {when}", record.position)


def _what_is_wrong(mails: int, written: int, noted: bool) -> str:
    if not noted:
        return STUCK
    if written != 1:
        return DOUBLED if written else LOST
    return "" if mails == 1 else TWO_MAILS if mails else NO_MAIL


q3 = Question(
    "18.q3",
    examine_work,
    work,
    "the power was cut before each of your calls and after the commit, and each customer got one mail.",
    seconds=8.0,
)

# --- q4: recover from an unknown outcome

OLD_PRODUCER = (
    "Nobody knows how its transaction ended, so the old producer can't go on. A new one of the same id settles it."
)
NOT_FIRST = (
    "While you were looking round, the old commit came through. First the new producer: then the past stands still."
)
WRONG_PLACE = "Whether the batch counts is known to the broker alone. Go on at the offset that it says is committed."
OLD_MEMORY = "What you have in memory may never have counted. Drop it, and read back what the changelog holds."


def recover(service: Any) -> None:
    """Make producer, state and position those of the last commit that counts, whichever that is."""
    service.new_producer()
    service.restore()
    service.seek(service.committed())


def examine_recover(answer: Bounded, stage: Stage) -> None:
    stage.create("inventory.requests", CHANGELOG)
    requests = write_reservations(stage, 9)
    for number, fate in enumerate(FATES):
        with Service(stage, number, requests) as service:
            service.meet(fate)
            answer(service)
            _settled(service, requests, f"the commit of 3 to 5 was asked for, and {fate}")
            service.finish()
            if not service.state == service.stored() == dict(total(requests)):
                raise Wrong(OLD_MEMORY, dict(total(requests)), f"{service.state} at the end", requests[-1].position)


def _settled(service: Service, requests: Sequence[Record], what: str) -> None:
    if not service.renewed:
        raise Wrong(OLD_PRODUCER, "a new producer", f"the old one; {what}", requests[3].position)
    counts = service.committed()
    state = dict(total(requests[:counts]))
    if (service.position, service.state) == (counts, state):
        return
    hint = NOT_FIRST if service.came_late else WRONG_PLACE if service.position != counts else OLD_MEMORY
    observed = f"position {service.position}, state {service.state}; {what}"
    raise Wrong(hint, f"position {counts}, state {state}", observed, requests[3].position)


q4 = Question(
    "18.q4",
    examine_recover,
    recover,
    "the commit was done, was lost, came late, and each time you went on where the broker stood.",
    seconds=8.0,
)
