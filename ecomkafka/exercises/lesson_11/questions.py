"""Retry and dead letters: a policy, a letter to be edited, a queue that nobody blocks, a replay that sends once."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.program import after
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_11.stage import (
    LETTERS,
    MAILBOXES,
    REQUESTS,
    RETRIES,
    Desk,
    Letter,
    MailRoom,
    expected,
    request,
    write_letters,
    write_strange_requests,
)

# --- q1: the policy

HOPELESS = "5yz is permanent: it will be the same the next time. Give up at once."
WORTH_IT = "4yz says *not now*, and no reply says nothing at all. Both may be better the next time."
ENDLESS = "Five attempts and no more, whatever number the record carries."
WRONG_WAIT = "The first wait is 1 s, each one four times the one before, and none longer than 60 s."


def wait(attempt: int, code: int | None) -> float | None:
    """Seconds until the next attempt, or None to give up. The first attempt is 1; `code` is None without a reply."""
    if attempt >= 5 or (code is not None and 500 <= code < 600):
        return None
    return float(min(4 ** (attempt - 1), 60))


def examine_wait(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS)
    codes = (452, 550, None, 421, 521, 451)
    requests = [request(f"customer-{number}") for number in range(len(codes))]
    records = stage.send(REQUESTS, requests, lambda _: "one partition")
    for record, code in zip(records, codes, strict=True):
        for attempt in (1, 2, 3, 4, 5, 6, 40):  # a policy may have been made shorter since the record was written
            found, right = answer(attempt, code), wait(attempt, code)
            if found != right:
                late = ENDLESS if attempt >= 5 and (code or 0) < 500 else HOPELESS
                hint = late if right is None else WORTH_IT if found is None else WRONG_WAIT
                raise Wrong(hint, f"{right} after attempt {attempt}, {code}", f"{found!r:.60}", record.position)


q1 = Question(
    "11.q1",
    examine_wait,
    wait,
    "the policy is patient with what may pass, and with nothing else.",
)

# --- q2: a letter that can be corrected

OTHER_BYTES = "The letter's value is not the record's. Keep the bytes as they are, also those that nobody can decode."
OTHER_KEY = "The letter has another key than the record: replayed, it would go to another partition."
NO_STORY = "Who reads the letter in the morning has to know why it is here, after how many attempts, and where from."


def dead_letter(record: Record, attempts: int, error: str) -> Letter:
    """Key, value and headers of the letter; the headers are "error", "attempts", "origin" (topic:partition:offset)."""
    return record.key, record.value, {"error": error, "attempts": str(attempts), "origin": str(record.position)}


def examine_dead_letter(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS, LETTERS)
    records = write_strange_requests(stage)
    stories = [(3, "452 mailbox full"), (1, "not decodable"), (1, "550 no such user 🤷"), (2, "no reply"), (4, "421")]
    letters = write_letters(stage, [_letter(answer(r, *story), r) for r, story in zip(records, stories, strict=True)])
    for record, (attempts, error), letter in zip(records, stories, letters, strict=True):
        right = {"error": error, "attempts": str(attempts), "origin": str(record.position)}
        found = {name: letter.header(name) for name in right}
        if found != right:
            raise Wrong(NO_STORY, right, found, record.position)


def _letter(found: Any, record: Record) -> Letter:
    if not (isinstance(found, tuple) and len(found) == 3 and isinstance(found[2], dict)):
        raise Wrong(NO_STORY, "(key, value, {header: text, …})", f"{found!r:.90}", record.position)
    for part, own, hint in ((found[1], record.value, OTHER_BYTES), (found[0], record.key, OTHER_KEY)):
        if part != own:
            raise Wrong(hint, repr(own), f"{part!r:.90}", record.position)
    return found


q2 = Question(
    "11.q2",
    examine_dead_letter,
    dead_letter,
    "five letters, two of them no messages at all, can be understood, corrected and sent again.",
)

# --- q3: what has to wait waits elsewhere

BLOCKED = "Others had to wait as well. Write the record to a retry topic, and go on with the next one."
LOST = "That record is in no retry topic, not delivered and no dead letter: it is gone, and nobody knows."
NO_END = "It is tried again and again. `record.attempt` says which attempt this is; the third is the last."
TOO_FEW = "That one was given up too soon: it may be better the next time. There are three attempts."
POINTLESS = "5yz will be the same the next time: one attempt, then the dead letters."
NOT_THEN = "Before the second attempt there are 0.5 s, before the third 2 s."
TWO_ENDS = "A mail that was delivered has reached its end: no dead letter."


def handle(room: Any, record: Record) -> None:
    """Make one attempt, and see to what follows; nobody else may wait for it."""
    code = room.mail()
    if code == 250:
        return
    if record.attempt >= 3 or (code is not None and code >= 500):
        room.give_up(f"attempt {record.attempt}: {code}")
    else:
        room.retry((0.5, 2.0)[record.attempt - 1])


def examine_handle(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(REQUESTS, *RETRIES, LETTERS)
    requests = stage.send(REQUESTS, [request(name) for name in MAILBOXES], lambda _: "one partition")
    with MailRoom(stage) as room:
        room.work_through(requests, answer)
    dead = Counter(letter.message.customer_id for letter in stage.read(LETTERS))
    blocked = [record for record in requests if max(room.tried[record.message.customer_id][:1], default=0.0) > 0]
    for record in blocked or requests:
        name = record.message.customer_id
        hint = BLOCKED if blocked else _wrong_end(name, room.tried[name], dead[name])
        if hint:
            observed = f"attempts after {room.tried[name]} s, {dead[name]} dead letter(s)"
            raise Wrong(hint, f"{expected(name)} for {name}: {MAILBOXES[name]}", observed, record.position)


def _wrong_end(name: str, tried: Sequence[float], dead: int) -> str:
    """The hint for what became of the customer's mail, if that is not right."""
    times, letters = expected(name)
    if len(tried) > len(times):
        return NO_END if len(times) == 3 else POINTLESS if letters else TWO_ENDS
    if len(tried) < len(times):
        return TOO_FEW if dead else LOST
    if dead != letters:
        return TWO_ENDS if dead > letters else LOST
    gaps = [(b - a, right - left) for a, b, left, right in zip(tried, tried[1:], times, times[1:], strict=False)]
    return "" if all(pause <= gap < 4 * pause for gap, pause in gaps) else NOT_THEN


q3 = Question(
    "11.q3",
    examine_handle,
    handle,
    "seven customers, four of them in trouble: nobody waited for another one, and nobody was forgotten.",
    seconds=8.0,
)

# --- q4: a replay that sends once

PRESSED_TWICE = "Somebody pressed the button once more, and the letter left once more. Leave out what has a mark."
LEFT_TWICE = "The letter left, the power failed before its mark counted, and it left again. Both into one transaction."
ONLY_MARKED = "The letter has its mark, and never left: nobody will send it any more. Both into one transaction."
STILL_THERE = "That letter has no mark, and it never left. After two presses nothing waits any more."


def replay(desk: Any, dlq: list[Record]) -> None:
    """Send each waiting letter once, however often the button is pressed, whatever happens in between."""
    marked = {record.header("replayed") for record in dlq if record.value is None}
    desk.begin()
    for letter in dlq:
        if letter.value is not None and str(letter.position) not in marked:
            desk.send(letter)
            desk.mark(letter)
    desk.commit()


def examine_replay(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(REQUESTS, LETTERS)
    cuts: dict[str, int] = {}
    with Desk(stage) as desk:
        for cut in range(-1, 16):  # the first time without any
            names = [f"cust-{cut + 1}-{number}" for number in range(2 if cut < 0 else 1)]
            desk.fill(names)
            cuts |= dict.fromkeys(names, cut)
            was_cut = desk.press(answer, cut)
            desk.press(answer)
            if cut < 0:
                _sent_once(desk, stage, cuts)
            elif not was_cut:
                break
        _sent_once(desk, stage, cuts)


def _sent_once(desk: Desk, stage: Stage, cuts: dict[str, int]) -> None:
    desk.settled()
    sent = Counter(record.message.customer_id for record in stage.read(REQUESTS))
    dlq = stage.read(LETTERS)
    marked = {record.header("replayed") for record in dlq}
    for letter in (record for record in dlq if record.value is not None):
        name = letter.message.customer_id
        if sent[name] != 1:
            none = ONLY_MARKED if str(letter.position) in marked else STILL_THERE
            twice = PRESSED_TWICE if cuts[name] < 0 else LEFT_TWICE
            raise Wrong(
                twice if sent[name] else none, "sent once", f"{sent[name]}, {after(cuts[name])}", letter.position
            )


q4 = Question(
    "11.q4",
    examine_replay,
    replay,
    "the power was cut at each of your calls, the button was pressed again and again, and each letter left once.",
    seconds=8.0,
)
