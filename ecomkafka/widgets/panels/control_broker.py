"""The broker's controls: freeze it, kill it, restart it; only where the shop owns it."""

from collections.abc import Callable

import psutil
from ipywidgets import HTML, Button, Dropdown, HBox  # type: ignore[import-untyped]

from ecomkafka.broker import Broker
from ecomkafka.broker.node import Node
from ecomkafka.shop import Shop
from ecomkafka.widgets.drawing.markup import table
from ecomkafka.widgets.panel_frame import Panel

NOT_OURS = (
    "This shop's Kafka is shared: to stop it would stop others' work. With a broker of its own these buttons work: "
    "with Broker() as broker, Shop(Cluster.of(broker.bootstrap, 'mine')) as shop: display(ControlRoom(shop, broker))"
)
FROZEN, RUNS, DEAD = "⏸️ frozen", "✅ runs", "💥 dead"


class BrokerControls(Panel):
    """A panel of its own, with a thread of its own: when the broker is away the others may be waiting for it."""

    title = "Broker"

    def __init__(self, shop: Shop, broker: Broker | None) -> None:
        self._nodes = _nodes_of(shop, broker)
        self.nodes = HTML()
        self.node = Dropdown(
            options=[(f"node {node.number}", node) for node in self._nodes],
            description="Node",
            tooltip="The broker to pause, kill or restart",
        )
        self.pause = Button(description="Pause", tooltip="Freeze it: its connections stay, nothing is answered")
        self.resume = Button(description="Resume", tooltip="Let it go on after a pause")
        self.kill = Button(description="Kill", tooltip="End it as a power cut would")
        self.restart = Button(description="Restart broker", tooltip="Start it again on its data, whatever its state")
        buttons = self.pause, self.resume, self.kill, self.restart
        super().__init__(shop, self.nodes, self.node, HBox(buttons))
        if not self._nodes:
            for control in (self.node, *buttons):
                control.disabled = True
            self.show_status(NOT_OURS)
            return
        self.pause.on_click(lambda button: self._do("frozen", Node.pause))
        self.resume.on_click(lambda button: self._do("running again", Node.resume))
        self.kill.on_click(lambda button: self._do("dead", Node.kill))
        self.restart.on_click(lambda button: self._do("there again", Node.restart))
        self.start()

    @property
    def trouble(self) -> None:
        """It asks the system, not Kafka."""

    def refresh(self) -> None:
        rows = [(node.number, node.address, state(node)) for node in self._nodes]
        self.nodes.value = table("Nodes", ("node", "address", "state"), rows)

    def close(self) -> None:
        """What was frozen goes on: nobody could click on *Resume* any more."""
        if self._nodes:
            super().close()
            for node in self._nodes:
                if state(node) == FROZEN:
                    node.resume()

    def _do(self, done: str, what: Callable[[Node], None]) -> None:
        node: Node = self.node.value
        self.show_status(f"⏳ Node {node.number}: {what.__name__} …")

        def work() -> str:
            what(node)
            return f"Node {node.number} is {done}."

        self.act(work)


def state(node: Node) -> str:
    """As the system has its process."""
    try:
        process = node.process
        if process is None:
            return DEAD
        return FROZEN if process.status() == psutil.STATUS_STOPPED else RUNS
    except psutil.NoSuchProcess:
        return DEAD


def _nodes_of(shop: Shop, broker: Broker | None) -> list[Node]:
    """Raises ValueError if it is not the shop's."""
    if broker is None:
        return []
    if not set(shop.cluster.bootstrap) <= set(broker.bootstrap.split(",")):
        where = ", ".join(shop.cluster.bootstrap)
        raise ValueError(f"the broker is at {broker.bootstrap}, the shop is at {where}: give the one that it uses")
    return broker.nodes
