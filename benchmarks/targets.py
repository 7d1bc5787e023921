"""What the shop is to reach, and how far it has come."""

from collections.abc import Callable, Iterable, Sequence
from operator import ge, le
from typing import Any, NamedTuple

Found = dict[str, Any]
"""The figures of a run, by benchmark."""


class Target(NamedTuple):
    what: str
    path: tuple[str, ...]
    """Where its figure is."""
    sign: str
    """≥ or ≤."""
    wanted: float
    unit: str = "×"


TARGETS = (
    Target("one order at a time: p50, to naive's", ("saga", "ours", "p50_to_naive"), "≤", 1.0),
    Target("one order at a time: p99, to p50", ("saga", "ours", "p99_to_p50"), "≤", 1.7),
    Target("p50 at half the top rate", ("saga", "ours", "at_half_rate_p50_ms"), "≤", 60, "ms"),
    Target("throughput of four service threads, to naive's", ("saga", "ours", "to_naive"), "≥", 35),
    Target("throughput of processes, to naive's", ("scale", "processes_to_naive"), "≥", 50),
    Target("throughput of processes, to that of threads", ("scale", "processes_to_threads"), "≥", 1.3),
    Target("CPU time per order after 100,000, to that after 10,000", ("scale", "cost_growth"), "≤", 1.05),
    Target("memory of the services after 100,000, to that after 10,000", ("scale", "memory_growth"), "≤", 1.1),
    Target("`Shop()` to the first confirmed order, broker running", ("start", "with_broker_s"), "≤", 0.7, "s"),
    Target("the same, no broker running", ("start", "without_broker_s"), "≤", 1.8, "s"),
    Target("`import ecomkafka.shop.shop`, warm", ("start", "import_s"), "≤", 0.7, "s"),
    Target("gateway, 500 connections: orders/s, to one direct client's", ("gateway", "to_direct_at_most"), "≥", 1.0),
    Target(
        "memory of the gateway after 100,000 requests, to that after 10,000", ("gateway", "memory_growth"), "≤", 1.1
    ),
    Target("orders/s with metrics, to those without", ("watching", "saga", "orders_per_s_on_to_off"), "≥", 0.98),
    Target("the whole real file", ("real", "seconds"), "≤", 16, "s"),
    Target("the same, each service a process", ("real", "processes", "seconds"), "≤", 9, "s"),
)
SIGNS: dict[str, Callable[[float, float], bool]] = {"≥": ge, "≤": le}


def targets(found: Found) -> str:
    """The targets, what was measured of them, and whether they are met."""
    return grid(("target", "wanted", "measured", "met"), (_target(found, target) for target in TARGETS))


def _target(found: Found, target: Target) -> tuple[str, str, str, str]:
    figure: Any = found
    for key in target.path:
        figure = figure.get(key) if figure else None
    wanted = f"{target.sign} {target.wanted:g} {target.unit}"
    if figure is None:
        return target.what, wanted, "–", "–"
    met = SIGNS[target.sign](figure, target.wanted)
    return target.what, wanted, f"{figure:.2f} {target.unit}", "yes" if met else "no"


def grid(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
