"""Scale out: choose the key of a single writer, take over a partition, repair an oversell."""

from collections.abc import Sequence
from typing import Any

from ecomkafka.clients.record import Record
from ecomkafka.exercises.checking.another_process import check_stable
from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import mapping
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_14.stage import LIVES, NOW, Shelf, day, write_stock
from ecomkafka.messages import Item, Reserve

REQUESTS, CHANGELOG = "inventory.requests", "inventory.stock"


# --- q1: one writer for each shelf

NO_KEY = "Without a key each command goes anywhere. A key is a text; which field has every command in common?"
TWO_WRITERS = (
    "Two partitions have commands for one warehouse's shelf: two instances would sell from it. One key for both."
)
ONE_FOR_ALL = (
    "All warehouses have one key, so one instance does all the work. Which shelves have nothing to do with others?"
)


def key(command: Any) -> str:
    """The record's key: a text."""
    return str(command.warehouse_id)


def examine_key(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS)
    commands = day()
    keys = [answer(command) for command in commands]
    for command, found in zip(commands, keys, strict=True):
        if not isinstance(found, str) or not found:
            raise Wrong(NO_KEY, f"a text for {command.type} of {command.warehouse_id}", f"{found!r:.60}")
    chosen = iter(keys)
    first: dict[str, Record] = {}
    records = stage.send(REQUESTS, commands, lambda command: next(chosen))
    for record in records:
        other = first.setdefault(record.message.warehouse_id, record)
        if other.key != record.key:
            expected = f"one key for {record.message.warehouse_id}"
            observed = f"{other.key!r} for {other.message.type} at {other.position}, and {record.key!r}"
            raise Wrong(TWO_WRITERS, expected, observed, record.position)
    if len({record.partition for record in records}) == 1:
        raise Wrong(ONE_FOR_ALL, "several partitions in use", "one", records[0].position)
    check_stable(answer, commands, keys)


q1 = Question(
    "14.q1",
    examine_key,
    key,
    "each shelf has one writer, and the shelves are spread over the partitions.",
)

# --- q2: take a partition over

OLDER = "That is what was true once. Of each key the last record counts."
GONE = "The last record of that key has no value: it says that there is nothing any more, and the key goes."
NOT_YOURS = "That product is in a partition that another instance has. Two that know the same shelf oversell."


def restore(records: list[Any], partitions: set[int]) -> dict[str, int]:
    """The state, product to units, of the partitions that you were given, from the records of the changelog."""
    state: dict[str, int] = {}
    for record in records:
        if record.partition in partitions:
            if record.value is None:
                state.pop(record.key.decode(), None)
            else:
                state[record.key.decode()] = int(record.value)
    return state


def examine_restore(answer: Bounded, stage: Stage) -> None:
    stage.create(CHANGELOG)
    records = write_stock(stage, CHANGELOG, LIVES)
    for partitions in ({0}, {1, 2}, {0, 1, 2}, set[int]()):
        said, right = answer(list(records), set(partitions)), restore(records, partitions)
        found = mapping(said, "a dict from product to units")
        if found != right:
            raise _misremembered(found, right, records, partitions)


def _misremembered(found: Any, right: dict[str, int], records: Sequence[Record], partitions: set[int]) -> Wrong:
    last = {(record.key or b"").decode(): record for record in records}
    product = next(name for name in last if found.get(name) != right.get(name) or (name in found) != (name in right))
    record = last[product]
    elsewhere = record.partition not in partitions
    hint = NOT_YOURS if elsewhere else GONE if record.value is None else OLDER
    mine = ", ".join(map(str, sorted(partitions))) or "none"
    expected = f"{product}: {right.get(product, 'not there')}, with partitions {mine}"
    return Wrong(hint, expected, f"{product}: {found.get(product, 'not there')}", record.position)


q2 = Question(
    "14.q2",
    examine_restore,
    restore,
    "an instance that gets a partition knows what the last owner had committed, and nothing that it had not.",
)

# --- q4: repair an oversell

OVERSOLD = "Between your look and your save the other instance has sold, and you wrote over it. Save with the version."
PROMISED = "`save` said False: nothing was saved, and the customer was promised a unit. Look at its answer."
REFUSED = "There are units left and a customer was refused. Lost a race? Then look again, and try again."
TWICE = "That order has its unit already. Look for it with `has`, and do so after each new `read`."
HAS_ONE = (
    "That order has its unit, so the answer is True, even if none is left. Ask `has` before you look at the units."
)


def sell(shelf: Shelf, order_id: str) -> bool:
    """Sell one unit to this order. True if it has one, False if there is none left."""
    while True:
        units, version = shelf.read()
        if shelf.has(order_id):
            return True
        if units == 0:
            return False
        if shelf.save(order_id, units - 1, version):
            return True


OPENING = 14


def examine_sell(answer: Bounded, stage: Stage) -> None:
    stage.create(REQUESTS)
    item = Item(product_id="CONSOLE", quantity=1)
    orders = [Reserve(order_id=f"ORD-{n:02d}", warehouse_id="WH", items=(item,), at=NOW) for n in range(20)]
    records = stage.send(REQUESTS, orders, lambda command: str(command.order_id))
    mine = [record for record in records if record.partition == 2]
    his = [record.message.order_id for record in records if record.partition != 2]
    shelf = Shelf(OPENING)
    for number, record in enumerate([*mine[:4], *mine[2:], mine[0]]):  # after rebalances records come again
        order_id = record.message.order_id
        # Two of them the other instance is given at the same moment; else it has its own, and is faster three times.
        faster = 3 if number == 3 else 1
        shelf.rivals = [order_id] if number in (1, 6) else [his.pop(0) for _ in range(faster) if his]
        _fair(shelf, answer(shelf, order_id), record)


def _fair(shelf: Shelf, has_one: Any, record: Record) -> None:
    order_id = record.message.order_id
    state = f"{shelf.units} left, sold to {len(shelf.sold)} of {OPENING}, answer {has_one!r:.20}"
    if len(set(shelf.sold)) < len(shelf.sold):
        raise Wrong(TWICE, f"one unit for {order_id}", f"{shelf.sold.count(order_id)} units; {state}", record.position)
    if shelf.units + len(shelf.sold) != OPENING:
        raise Wrong(OVERSOLD, f"units left and units sold make {OPENING}", state, record.position)
    if has_one and order_id not in shelf.sold:
        raise Wrong(PROMISED, f"a unit for {order_id}, or False", state, record.position)
    if not has_one and (shelf.units or order_id in shelf.sold):
        hint = HAS_ONE if order_id in shelf.sold else REFUSED
        raise Wrong(hint, f"True for {order_id}", state, record.position)


q4 = Question(
    "14.q4",
    examine_sell,
    sell,
    "two instances sold from one shelf, records came twice, and no unit was sold twice or kept back.",
)
