"""A topology of Kafka Streams as a figure: what `Topology.describe()` says, parsed and drawn."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, FancyArrowPatch, FancyBboxPatch, Rectangle

from ecomkafka.views.view import BLUE, GREY, ORANGE, SKY, YELLOW, View, new_figure

_NODE = re.compile(r"(Source|Processor|Sink): (\S+) \((topics?|stores): \[?(.*?)\]?\)")
_NUMBER = re.compile(r"-?\d{10}(-\w+)?")
WIDE, HIGH, DRUM = 0.8, 0.52, 0.46


@dataclass
class Node:
    sub_topology: int
    kind: str
    name: str
    topics: tuple[str, ...]
    stores: tuple[str, ...]
    next: tuple[str, ...] = ()
    column: int = 0
    row: float = 0.0

    @property
    def is_repartition(self) -> bool:
        return self.kind != "Processor" and self.topics[0].endswith("-repartition")

    @property
    def label(self) -> str:
        """What it does: "KSTREAM-AGGREGATE-0000000003" is "aggregate"."""
        return _short(self.name).removeprefix("kstream-").removeprefix("ktable-")


def parse(description: str) -> list[Node]:
    """The nodes of all sub-topologies. Raises ValueError for a text that has none."""
    nodes: list[Node] = []
    number = 0
    for line in description.splitlines():
        if found := re.search(r"Sub-topology: (\d+)", line):
            number = int(found[1])
        elif found := _NODE.search(line):
            kind, name, what, names = found.groups()
            listed = tuple(text for text in re.split(r",\s*", names) if text)
            is_store = what == "stores"
            nodes.append(Node(number, kind, name, () if is_store else listed, listed if is_store else ()))
        elif (found := re.search(r"--> (.+)", line)) and nodes and found[1] != "none":
            nodes[-1].next = tuple(found[1].split(", "))
    if not nodes:
        raise ValueError(f"{description!r:.80} is no description of a topology: give it str(topology.describe())")
    return nodes


def topology_plot(description: str, namespace: str = "", new_key: str = "", steps: Sequence[str] = ()) -> View:
    """Sub-topologies as frames in the sequence of the data, topics as drums, processors as boxes with their stores.

    A repartition topic is drawn once, between the frames, labelled with its `new_key`. `namespace` is cut off names.
    A store that one processor writes and another one looks up is a drum between the two; the only store of a last
    processor is a drum behind it. `steps`: the labels of boxes ("repartition" for such a topic), numbered from 1; of
    two boxes with one label the left one comes first.
    """
    nodes = parse(description)
    drawn = _joined_at_repartition(nodes)
    width, height = _place(drawn)
    behind = _stores_at_an_end(drawn)
    width = max([width, *(node.column + 1 for node in behind.values())])
    figure = new_figure(height=1.0 * height + 0.4)
    axes = figure.subplots()
    axes.set(xlim=(-0.6, width + 0.6), ylim=(height, -0.3))
    axes.axis("off")
    by_name = {node.name: node for node in drawn}
    for number in {node.sub_topology for node in drawn}:
        members = [node for node in drawn if node.sub_topology == number and not node.is_repartition]
        _frame(axes, members, [node.column + 1 for node in behind.values() if node in members])
    shared = _shared_stores(drawn)
    for store, (writer, reader) in shared.items():
        column = (writer.column + reader.column) / 2
        _drum(axes, _short(store), column, writer.row)
        _link(axes, writer.row, (writer.column + WIDE / 2, column - DRUM / 2), "-", "writes")
        _link(axes, writer.row, (column + DRUM / 2, reader.column - WIDE / 2), "--", "looks up")
    for store, writer in behind.items():
        _drum(axes, _short(store), writer.column + 1, writer.row)
        _link(axes, writer.row, (writer.column + WIDE / 2, writer.column + 1 - DRUM / 2), "-", "writes")
    numbers = _numbers(drawn, steps)
    for node in drawn:
        own = tuple(store for store in node.stores if store not in {*shared, *behind})
        _draw(axes, node, namespace, new_key, own, numbers.get(node.name, ""))
        for name in node.next:
            _arrow(axes, node, by_name[name])
    rows = [(n.sub_topology, n.kind, n.label, ", ".join(n.topics), ", ".join(n.stores)) for n in nodes]
    table = pd.DataFrame(rows, columns=["sub-topology", "kind", "does", "topics", "stores"])
    subs, stores = table["sub-topology"].nunique(), {store for node in nodes for store in node.stores}
    between = sum(node.is_repartition for node in drawn)
    parts = f"{subs} sub-topolog{'y' if subs == 1 else 'ies'}, {between} repartition topic(s) between them"
    return View(figure, table, f"The topology, from top to bottom: {parts}, {len(stores)} state store(s).")


def _joined_at_repartition(nodes: list[Node]) -> list[Node]:
    """One node for the sink and the source of each repartition topic; it belongs to the sub-topology of the sink."""
    sources = {node.topics: node for node in nodes if node.kind == "Source" and node.is_repartition}
    for node in nodes:
        if node.kind == "Sink" and node.topics in sources:
            node.next = sources[node.topics].next
    return [node for node in nodes if not (node.kind == "Source" and node.is_repartition)]


def _place(nodes: list[Node]) -> tuple[int, float]:
    """Give each node its column and row; returns how many columns and rows there are."""
    by_name = {node.name: node for node in nodes}
    depth = {node.sub_topology: 0 for node in nodes}
    for _ in nodes:  # a path has at most as many steps as there are nodes
        for node in nodes:
            for follower in (by_name[name] for name in node.next):
                step = 0 if follower.is_repartition else 1  # a repartition topic stands below what writes it
                follower.column = max(follower.column, node.column + step)
                if follower.sub_topology != node.sub_topology:
                    depth[follower.sub_topology] = max(depth[follower.sub_topology], depth[node.sub_topology] + 1)
    top = 0.0
    for number in sorted(depth, key=lambda number: (depth[number], number)):
        members = [node for node in nodes if node.sub_topology == number]
        inside = [node for node in members if not node.is_repartition]
        columns = [[node for node in inside if node.column == n] for n in range(max(m.column for m in inside) + 1)]
        deepest = max(map(len, columns))
        for column in columns:
            for place, node in enumerate(column):
                node.row = top + 0.5 + (place + (deepest - len(column)) / 2)
        top += deepest + 0.4
        for node in members:
            if node.is_repartition:
                node.row = top + 0.2
        top += 0.7 if len(inside) < len(members) else 0.15
    return max(node.column for node in nodes), top


def _numbers(nodes: list[Node], steps: Sequence[str]) -> dict[str, str]:
    """By a node's name "1 ", "2 ", … as `steps` says. Raises ValueError for a step that no box is left for."""
    numbers: dict[str, str] = {}
    for number, step in enumerate(steps, 1):
        named = [node for node in nodes if step == ("repartition" if node.is_repartition else node.label)]
        free = [node for node in named if node.name not in numbers]
        if not free:
            raise ValueError(f"step {number}, {step!r}: there is no such box, or it has a number already")
        numbers[min(free, key=lambda node: node.column).name] = f"{number} "
    return numbers


def _frame(axes: Axes, members: Sequence[Node], more_columns: Iterable[int]) -> None:
    left, right = min(n.column for n in members) - 0.5, max([*(n.column for n in members), *more_columns]) + 0.5
    high, low = min(n.row for n in members) - 0.52, max(n.row for n in members) + 0.52
    axes.add_patch(
        FancyBboxPatch((left, high), right - left, low - high, boxstyle="round,pad=0.02", fill=False, edgecolor=GREY,
                       linestyle="--")
    )  # fmt: skip
    axes.text(left + 0.03, high + 0.02, f"sub-topology {members[0].sub_topology}", color=GREY, fontsize=9, va="top")


def _shared_stores(nodes: list[Node]) -> dict[str, tuple[Node, Node]]:
    """The stores of two processors with room for a drum between them, each with who writes it and who looks it up."""
    users: dict[str, list[Node]] = {}
    for node in sorted(nodes, key=lambda node: node.column):
        for store in node.stores:
            users.setdefault(store, []).append(node)
    pairs = {store: (found[0], found[1]) for store, found in users.items() if len(found) == 2}
    return {store: (a, b) for store, (a, b) in pairs.items() if a.row == b.row and b.column - a.column > 1}


def _stores_at_an_end(nodes: list[Node]) -> dict[str, Node]:
    """The stores that one processor has alone, if nothing follows it and there is room behind it."""
    users = [store for node in nodes for store in node.stores]
    return {
        node.stores[0]: node
        for node in nodes
        if len(node.stores) == 1
        and users.count(node.stores[0]) == 1
        and not node.next
        and not any(other.column == node.column + 1 and abs(other.row - node.row) < 1 for other in nodes)
    }


def _drum(axes: Axes, store: str, column: float, row: float) -> None:
    left, lid = column - DRUM / 2, 0.12
    axes.add_patch(Rectangle((left, row - HIGH / 2), DRUM, HIGH, facecolor="white", edgecolor="black"))
    for end in (HIGH / 2, -HIGH / 2):  # the lower lid first: the axis points down
        axes.add_patch(Ellipse((column, row + end), DRUM, lid, facecolor="white", edgecolor="black"))
    axes.text(column, row + 0.05, f"store:\n{store}", ha="center", va="center", fontsize=9)


def _link(axes: Axes, row: float, columns: tuple[float, float], style: str, word: str) -> None:
    """An arrow along a row, from one place to the other, and what it means."""
    start, end = columns[0] + 0.02, columns[1] - 0.02
    axes.add_patch(FancyArrowPatch((start, row), (end, row), arrowstyle="-|>", mutation_scale=12, color=BLUE,
                                   linestyle=style))  # fmt: skip
    axes.text((start + end) / 2, row + 0.12, word, ha="center", va="top", fontsize=8, color=GREY)


def _draw(axes: Axes, node: Node, namespace: str, new_key: str, own: tuple[str, ...], number: str) -> None:
    """`own`: its stores that are not drawn apart; `number`: what stands before its text."""
    is_topic = node.kind != "Processor"
    style = "round,pad=0.02,rounding_size=0.2" if is_topic else "square,pad=0.02"
    colour = ORANGE if node.is_repartition else YELLOW if is_topic else SKY
    corner = (node.column - WIDE / 2, node.row - HIGH / 2)
    axes.add_patch(FancyBboxPatch(corner, WIDE, HIGH, boxstyle=style, facecolor=colour, edgecolor="black"))
    if node.is_repartition:
        text = "repartition topic" + (f"\n(by {new_key})" if new_key else "")
    elif is_topic:
        text = "topic\n" + "\n".join(_topic(name, namespace) for name in node.topics)
    else:
        text = node.label
    if own:
        text += "\n" + "\n".join(f"store: {_short(name)}" for name in own)
    axes.text(node.column, node.row, number + text, ha="center", va="center", fontsize=9)


def _topic(name: str, namespace: str) -> str:
    """Internal topics begin with the application's id."""
    name = name.removeprefix(f"{namespace}.") if namespace else name
    return name if len(name) <= 26 else f"…{name[-25:]}"


def _short(name: str) -> str:
    return _NUMBER.sub("", name).lower()


def _arrow(axes: Axes, start: Node, end: Node) -> None:
    right, down = WIDE / 2 + 0.02, HIGH / 2 + 0.02
    from_top = start.is_repartition or end.is_repartition  # into the middle of the upper edge
    tail = (start.column, start.row + down) if end.is_repartition else (start.column + right, start.row)
    head = (end.column, end.row - down) if from_top else (end.column - right, end.row)
    axes.add_patch(FancyArrowPatch(tail, head, arrowstyle="-|>", mutation_scale=12, color=BLUE))
