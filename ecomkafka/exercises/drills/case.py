"""A case as data: what is heard of it, what strikes the shop, and which answers are right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecomkafka.clients import Cluster
from ecomkafka.exercises.drills.scene import Scene


def _nothing(_: Cluster) -> None:
    """Most shops need no preparation."""


@dataclass(frozen=True, repr=False)
class Case:
    name: str
    story: str
    """What customers and colleagues say; it names no cause."""
    cause: str
    """Its name in `choices.toml`."""
    cures: tuple[str, ...]
    hints: tuple[str, str, str]
    """A nudge, the idea, nearly the answer."""
    praise: str
    """What one should remember of it."""
    strike: Callable[[Scene], None]
    """Makes the shop ill, and places the orders that show it. What it has opened it leaves to `Scene.on_close`."""
    brokers: int = 0
    """0: the machine's shared broker; 1 or 3: a Kafka of its own, which may die."""
    prepare: Callable[[Cluster], None] = _nothing
    """Runs before the shop opens."""
    against: Mapping[str, str] = field(default_factory=dict)
    """What speaks against a choice, by its name, where the list has no sentence as good; "": against all others."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The shop's."""

    def __repr__(self) -> str:
        return "<Case>"  # whoever prints one shall not read the answer
