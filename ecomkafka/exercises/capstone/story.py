"""The shortest story that shows what went wrong: all that was done about one order, and nothing else."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from ecomkafka.exercises.capstone.strikes import request_of
from ecomkafka.exercises.capstone.wire import COMMIT, COMMIT_IN_TRANSACTION, END, PRODUCE, Event
from ecomkafka.views.swimlanes.program_story import Scene

KAFKA = "Kafka"
HARNESS = {
    "kill -9": "kill -9",
    "frozen": "frozen (SIGSTOP)",
    "thawed": "thawed",
    "started": "started",
    "started again": "started again",
}
STRUCK = ("kill -9", "frozen")
REQUESTED = {"the request": "", "the request again": " again", "a request, aborted": ", transaction aborted"}


def scenes_of(log: Sequence[Event], order_id: str, products: Collection[str], answers: str, stock: str) -> list[Scene]:
    """From the order's first request on: answers, stock of its products, its offset, what was done to processes."""
    first = next((n for n, event in enumerate(log) if event.name == order_id), len(log))
    later = list(log[first:])
    request, lost = request_of(later, order_id), [replace(event, lost=False) for event in later if event.lost]
    writers = {event.who for event in later if event.carries(answers, order_id)}
    scenes: list[Scene] = []
    done: set[str] = set()
    """Who has no more to do with the order, until it is asked again."""
    asked = 0
    for event in later:
        if event.answered or event.lost or (event.who in done and event.what not in HARNESS):
            continue
        if event.what in HARNESS or event.who in {"client", *writers}:
            told = _told(event, order_id, products, answers, stock, request)
            new = (scene._replace(struck=scene.struck or event in lost) for scene in told)
            scenes += [scene for scene in dict.fromkeys(new) if scene not in scenes[asked:]]
        if event.who == "client" and event.name == order_id:
            asked = len(scenes)
            done.clear()
        answered = any(scene.who == event.who and scene.about.startswith(order_id) for scene in scenes)
        if answered and (event.what == END or (event.what == COMMIT and event.covers(request))):
            done.add(event.who)
    return scenes


def _told(
    event: Event, order_id: str, products: Collection[str], answers: str, stock: str, request: Event | None
) -> Iterator[Scene]:
    """What an event says about the order."""
    inside = " in the transaction" if event.name else ""
    if event.who == "client" and event.name == order_id:
        yield Scene("client", KAFKA, "RESERVE", order_id + REQUESTED[event.what])
    elif event.what in HARNESS:
        yield Scene(event.who, "", HARNESS[event.what], struck=event.what in STRUCK)
    elif event.what == PRODUCE:
        for record in event.records:
            if record.topic == answers and order_id.encode() in (record.value or b""):
                yield Scene(event.who, KAFKA, _type(record.value or b""), order_id + inside)
            elif record.topic == stock and (record.key or b"").decode("utf-8", "replace") in products:
                yield Scene(event.who, KAFKA, "stock", f"{(record.key or b'').decode()}{inside}")
    elif event.what in (COMMIT, COMMIT_IN_TRANSACTION) and event.covers(request):
        yield Scene(event.who, KAFKA, "offset", inside.strip() or "committed")
    elif event.what == END:
        yield Scene(event.who, KAFKA, "COMMIT" if event.committed else "ABORT", "of the transaction")


def _type(value: bytes) -> str:
    with suppress(ValueError, TypeError, KeyError):
        return str(json.loads(value)["type"])[:24]
    return "an answer"
