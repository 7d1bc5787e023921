"""What restocks bring, so that a repeated id is a retry, or an error."""

from collections.abc import Iterable, Mapping

from ecomkafka.domain.stock import OPENING, Entry, restocks
from ecomkafka.domain.used_ids import UsedIds
from ecomkafka.messages import Item, Restock

Content = Mapping[str, frozenset[Item]]
"""What each warehouse gets."""


class Restocked(UsedIds):
    """The restocks that a client has sent."""

    sentence = "restock_id {!r:.80} belongs to another restock already: repeat that one as it was, or choose another id"


def content_of(commands: Iterable[Restock]) -> Content:
    content: dict[str, frozenset[Item]] = {}
    for command in commands:
        content[command.warehouse_id] = content.get(command.warehouse_id, frozenset()) | {*command.items}
    return content


def warehouses_of(stock: Mapping[str, Entry]) -> dict[str, frozenset[str]]:
    """The warehouses of each restock."""
    found: dict[str, frozenset[str]] = {}
    for warehouse_id, part_id, _ in restocks(stock):
        found[whole_of(part_id)] = found.get(whole_of(part_id), frozenset()) | {warehouse_id}
    return found


def is_other(content: Content, warehouses: frozenset[str], known: Content) -> bool:
    """Whether it can't be the restock that went to `warehouses`; `known` may have lost what some of them got."""
    return content.keys() != warehouses or any(content.get(name) != items for name, items in known.items())


def part(restock_id: str, number: int) -> str:
    """The id of one command of a restock."""
    return f"{restock_id}-{number}"


def whole_of(part_id: str) -> str:
    return part_id.rpartition("-")[0]


def check_own(restock_id: str, opened: bool) -> None:
    """Raise ValueError for an id under which a shop puts the opening stock on the shelves; `opened`: it has done so."""
    if restock_id.startswith(f"{OPENING}-") or (opened and restock_id == OPENING):
        raise ValueError(
            f"restock_id is {restock_id!r:.80}: a shop brings its opening stock under such an id, choose another id"
        )
