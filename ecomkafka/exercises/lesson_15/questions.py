"""Schemas that change: read every version, find what breaks, upcast step by step."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

from ecomkafka.contracts.compatibility import breaks
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import mapping, texts
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong

# --- q1: a report that reads every version

TWICE = "A sale of the time of both fields has its money in both of them: count it once."
SILENT = "A sale without money is not a sale of 0: nobody knows what it was. Raise a ValueError."
LEFT_OUT = "The sales of one of the versions are missing in the sum."


def revenue(events: list[dict[str, Any]]) -> Decimal:
    """The money of all sales: in `amount`, or in `total` where there is no `amount`. ValueError if it is in neither."""
    total = Decimal(0)
    for event in events:
        if "amount" not in event and "total" not in event:
            raise ValueError(f"no amount and no total in {event}")
        total += Decimal(event["amount"] if "amount" in event else event["total"])
    return total


LOGS: tuple[list[dict[str, Any]], ...] = (
    [{"total": "10.00"}, {"total": "2.50"}],
    [{"amount": "0.10"}, {"amount": "0.20"}],
    [{"total": "10.00"}, {"total": "1.25", "amount": "1.25"}, {"amount": "3.00"}],
    [{"amount": "0"}, {"total": "7.00", "amount": "0"}],
    [{"total": "10.00"}, {"note": "a version that nobody knows"}],
    [],
)


def examine_revenue(answer: Bounded, stage: Stage) -> None:
    answer.passes = (ValueError,)
    for events in LOGS:
        found, right = _sum(answer, deepcopy(events)), _sum(revenue, events)
        if found != right:
            more = isinstance(found, Decimal) and isinstance(right, Decimal) and found > right
            hint = SILENT if right == "ValueError" else TWICE if more else LEFT_OUT
            raise Wrong(hint, f"{right} of {events}", f"{found!r:.60}")


def _sum(report: Any, events: list[dict[str, Any]]) -> Any:
    try:
        return report(events)
    except ValueError:
        return "ValueError"


q1 = Question("15.q1", examine_revenue, revenue, "each version is read, each sale counts once, and none is made up.")

# --- q2: what breaks

REQUIRED = "A reader must have that field, and the writer may leave it out, or does not know it."
TYPE = "The writer writes that field as another type than the reader reads."
HARMLESS = (
    "That field breaks nobody: the reader passes over what it does not know, and can do without what is optional."
)
ABSENT = "The reader need not have that field, and the writer does not write it: nothing happens."


def broken(writer: dict[str, tuple[str, bool]], reader: dict[str, tuple[str, bool]]) -> set[str]:
    """The fields because of which the reader breaks on the writer's records; each field has a type, and is required."""
    found = set()
    for name, (kind, required) in reader.items():
        written, always = writer.get(name, (kind, False))
        if kind != written or (required and not always):
            found.add(name)
    return found


TEXT, NUMBER = "string", "integer"
PAIRS: tuple[tuple[dict[str, tuple[str, bool]], dict[str, tuple[str, bool]]], ...] = (
    ({"id": (TEXT, True), "total": (TEXT, True)}, {"id": (TEXT, True), "amount": (TEXT, True)}),
    ({"id": (TEXT, True), "gift": (TEXT, True)}, {"id": (TEXT, True)}),
    ({"id": (TEXT, True)}, {"id": (TEXT, True), "gift": (TEXT, False)}),
    ({"id": (TEXT, True), "units": (NUMBER, True)}, {"id": (TEXT, True), "units": (TEXT, True)}),
    ({"id": (TEXT, False)}, {"id": (TEXT, True)}),
    ({"id": (TEXT, True)}, {"id": (TEXT, False)}),
    ({"note": (NUMBER, False)}, {"note": (TEXT, False), "id": (TEXT, True)}),
)


def examine_broken(answer: Bounded, stage: Stage) -> None:
    for writer, reader in PAIRS:
        found = set(texts(answer(dict(writer), dict(reader)), "a set of the names of fields"))
        right = {problem.field for problem in breaks(_schema(writer), _schema(reader))}
        if found != right:
            name = min(found ^ right)
            raise Wrong(
                _why(name, writer, reader, right), f"{right or '{}'} for {writer} and {reader}", f"{found or '{}'}"
            )


def _why(name: str, writer: dict[str, Any], reader: dict[str, Any], right: set[str]) -> str:
    if name not in right:
        return ABSENT if name in reader and name not in writer else HARMLESS
    return TYPE if name in writer and writer[name][0] != reader[name][0] else REQUIRED


def _schema(fields: dict[str, tuple[str, bool]]) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, (kind, _) in fields.items()}
    required = [name for name, (_, required) in fields.items() if required]
    return {"type": "object", "properties": properties, "required": required}


q2 = Question("15.q2", examine_broken, broken, "seven pairs of versions: you found what the shop's check finds.")

# --- q3: upcast step by step

OF_TODAY = "That message is of today already: it must come out as it went in."
CHANGED = (
    "The function has changed the fields that it was given. Make new ones: somebody may still forward the old ones."
)
STEP_LEFT_OUT = "A message of version 1 needs both steps, the older one first."
WRONG_FIELDS = "These are not the fields of version 3: `customer`, `lines` and `currency`, and no old ones."


def as_today(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 3, from those of version 1, 2 or 3."""
    if "product" in fields:
        line = {"product": fields["product"], "quantity": fields["quantity"]}
        fields = {"customer": fields["customer"], "lines": [line]}
    if "currency" not in fields:
        fields = fields | {"currency": "EUR"}
    return fields


OLD: tuple[dict[str, Any], ...] = (
    {"customer": "ann", "lines": [{"product": "MUG", "quantity": 2}], "currency": "GBP"},
    {"customer": "bob", "lines": [{"product": "MUG", "quantity": 1}, {"product": "CUP", "quantity": 3}]},
    {"customer": "cleo", "product": "LAMP", "quantity": 4},
)


def examine_as_today(answer: Bounded, stage: Stage) -> None:
    for fields in OLD:
        given, right = deepcopy(fields), as_today(deepcopy(fields))
        found = mapping(answer(given), "a dict of fields")
        if given != fields:
            raise Wrong(CHANGED, fields, f"{given!r:.90}")
        if found != right:
            half = "currency" not in found or "lines" not in found
            hint = OF_TODAY if fields == right else STEP_LEFT_OUT if "product" in fields and half else WRONG_FIELDS
            raise Wrong(hint, f"{right} from {fields}", f"{found!r:.90}")


q3 = Question(
    "15.q3", examine_as_today, as_today, "three versions came in, one came out, and nothing was changed in place."
)
