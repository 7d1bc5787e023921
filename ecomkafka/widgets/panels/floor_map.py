"""The map: each service between the topics that it reads and those that it writes. A click opens the panel of a thing.

It shows each service's lag on each topic, how many offsets a topic has gained since the last look, and where a
transaction is open.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from ipywidgets import HTML, Box, Button, HBox, Layout, VBox  # type: ignore[import-untyped]

from ecomkafka.clients.groups import group_of
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import HOPS
from ecomkafka.shop import Shop
from ecomkafka.shop.instances import Staff
from ecomkafka.widgets.data.topics_snapshot import Snapshot, Snapshots
from ecomkafka.widgets.drawing.control_services import SIGNS
from ecomkafka.widgets.panel_frame import Panel

CLIENT, MAILBOX, READ_MODEL = "client", "mailbox", "read model"
QUIET, BUSY, GREY = "#EEEEEE", "#CDE8F7", "#BBBBBB"
NOTE = (
    "Left of a service: the topics that it reads, with its lag. Right: the topics that it writes; +3 means that the "
    "topic has three more offsets than two seconds ago. Blue: something moves. Grey: no instance of the service runs."
)

Go = Callable[[str, str], None]
"""Opens the panel of a thing: its kind ("topic" or "service") and its name."""


class FloorMap(Panel):
    """`snapshots`: what another panel asks Kafka already. `go`: what a click on a thing does."""

    title = "Map"

    def __init__(self, shop: Shop, snapshots: Snapshots | None = None, go: Go | None = None) -> None:
        self.services: dict[str, Button] = {}
        self.reads: dict[tuple[str, str], Button] = {}
        """By service and topic."""
        self.writes: dict[tuple[str, str], Button] = {}
        self._staff = Staff(shop)
        self._go: Go = go or (lambda kind, name: self.show_status(f"{kind} {name}: its panel is on the shop floor."))
        self._own = snapshots is None
        self._snapshots = snapshots or Snapshots(shop.cluster)
        self._seen, self._gained = Snapshot({}), dict[str, int]()
        flow = [self._row(CLIENT, (), ("orders.events", "inventory.requests"))]
        for hop in HOPS.values():
            changelog = (hop.changelog,) if hop.changelog else ()
            flow.append(self._row(hop.service, hop.reads, (*hop.writes, *changelog)))
        flow.append(self._row(READ_MODEL, ("orders.events",), ()))
        flow.append(self._row(MAILBOX, (), ()))
        super().__init__(shop, HTML(f"<p>{NOTE}</p>"), Box(flow, layout=Layout(flex_flow="row wrap")))
        if self._own:
            self._snapshots.start()
        self.start()

    def refresh(self) -> None:
        snapshot = self._snapshots.newest
        if snapshot is not self._seen:
            self._gained = _gained(self._seen, snapshot)
            self._seen = snapshot
        for (service, topic), chip in self.reads.items():
            lag = sum(lag.lag for lag in snapshot.lags if (lag.group, lag.topic) == (group_of(service), topic))
            _show(chip, f"{topic}: lag {lag}" if service in HOPS else topic, BUSY if lag else QUIET)
        for (_, topic), chip in self.writes.items():
            gained = self._gained.get(topic, 0)
            words = [topic, *([f"+{gained}"] if gained else []), *(["⏳ open"] if _is_open(snapshot, topic) else [])]
            _show(chip, " ".join(words), BUSY if len(words) > 1 else QUIET)
        workers = self._staff.instances
        for service in HOPS:
            _show_service(self.services[service], service, [worker for worker in workers if worker.name == service])
        if self._own:
            self._snapshots.check()

    def close(self) -> None:
        with ExitStack() as closing:
            if self._own:
                closing.callback(self._snapshots.stop)
            closing.callback(super().close)

    def _row(self, service: str, reads: tuple[str, ...], writes: tuple[str, ...]) -> HBox:
        for topic in reads:
            self.reads[service, topic] = self._chip(topic, "topic", topic)
        for topic in writes:
            self.writes[service, topic] = self._chip(topic, "topic", topic)
        self.services[service] = self._chip(service, "service", service)
        left = VBox([self.reads[service, topic] for topic in reads], layout=Layout(width="19em"))
        right = VBox([self.writes[service, topic] for topic in writes], layout=Layout(width="19em"))
        before, after = (_arrow("→" if topics else "") for topics in (reads, writes))
        parts = (left, before, self.services[service], after, right)
        return HBox(parts, layout=Layout(width="54em", align_items="center", margin="0.3em 0"))

    def _chip(self, text: str, kind: str, name: str) -> Button:
        chip = Button(description=text, tooltip=f"Open the panel of {name}", layout=Layout(width="18em"))
        if kind == "service":
            chip.layout.width = "12em"
            chip.style.font_weight = "bold"
        chip.style.button_color = QUIET
        chip.on_click(lambda button: self._go(kind, name))
        return chip


def _arrow(sign: str) -> HTML:
    return HTML(sign, layout=Layout(width="1.6em"))


def _show(chip: Button, text: str, colour: str) -> None:
    chip.description, chip.style.button_color = text, colour


def _show_service(chip: Button, service: str, workers: list[Worker]) -> None:
    running = [worker for worker in workers if worker.status in ("running", "recovering")]
    signs = "".join(SIGNS.get(worker.status, "⏳") for worker in workers)
    _show(chip, f"{signs} {service}".strip(), GREY if workers and not running else QUIET)


def _gained(before: Snapshot, after: Snapshot) -> dict[str, int]:
    """By topic: how many offsets more there are."""
    ends = _ends(before)
    return {topic: end - ends[topic] for topic, end in _ends(after).items() if topic in ends}


def _ends(snapshot: Snapshot) -> Mapping[str, int]:
    return {topic: sum(partition.end for partition in parts) for topic, parts in snapshot.partitions.items()}


def _is_open(snapshot: Snapshot, topic: str) -> bool:
    """Whether readers of what is committed have to wait in one of its partitions."""
    return any(partition.stable < partition.end for partition in snapshot.partitions.get(topic, ()))
