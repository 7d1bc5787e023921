"""The saga explorer: what may happen next to an order as buttons, and what became of it beside them.

It needs no Kafka: the saga, the stock and the payment are pure rules.
"""

import html
from collections.abc import Sequence
from typing import Any

from ipywidgets import HTML, Box, Button, Dropdown, HBox, Layout, Select, Textarea, VBox  # type: ignore[import-untyped]

from ecomkafka.domain.saga import Saga
from ecomkafka.domain.saga import step as saga_step
from ecomkafka.model_checking import PROPERTIES, Bounds, Model, check
from ecomkafka.model_checking.properties import Property
from ecomkafka.model_checking.rule import Step
from ecomkafka.model_checking.trace import Beginning, Move, Trace
from ecomkafka.model_checking.walk import Walk
from ecomkafka.widgets.drawing.markup import snapshot
from ecomkafka.widgets.drawing.situation_table import situation_table

MOST_WORLDS = 20_000
"""A search that the button starts ends within a second or two."""

EVERYTHING = Bounds(losses=1)


class SagaExplorer:
    """Shown as the last line of a cell. `step` and `start` are the saga: by default the shop's own."""

    title = "Saga explorer"

    def __init__(
        self,
        step: Step = saga_step,
        start: Any = Saga(),  # noqa: B008 - frozen
        bounds: Bounds = EVERYTHING,
        properties: Sequence[Property] = PROPERTIES,
    ) -> None:
        self._step, self._start, self._properties = step, start, properties
        self.walk = Walk(Model(step, start, bounds))
        self.beginning = Dropdown(description="Beginning", tooltip="The customer's card, and what is in stock")
        self.beginning.options = [(str(each), each) for each in self.walk.model.beginnings()]
        self.possible = Box(layout=Layout(flex_flow="row wrap"))
        self.undo = Button(description="Undo", tooltip="One move back: then another one may be chosen")
        self.worst = Button(description="Shortest bad trace", tooltip="Search for a property that can be broken")
        self.branch = Select(description="Branches", tooltip="A way that was left: choose it to go it again", rows=4)
        self.shared = Textarea(
            description="As JSON", tooltip="This way, to be kept or shared; or another one to be shown"
        )
        self.shared.layout = Layout(width="100%", max_width="60em", height="6em")
        self.show = Button(description="Show the JSON's way", tooltip="Go the way that is written in the field")
        self.way, self.situation, self.status = HTML(), HTML(), HTML()
        left = VBox([self.possible, HBox([self.undo, self.worst]), self.way])
        top = HBox([left, self.situation])
        self.widget = VBox(
            [HTML(f"<h3>{self.title}</h3>"), self.beginning, top, self.status, self.branch, self.shared, self.show]
        )
        self._listen()
        self._refresh("")

    def go(self, move: Move) -> None:
        """As a click on the move's button."""
        self.walk.go(move)
        self._refresh("")

    def _listen(self) -> None:
        self.beginning.observe(lambda change: self._begin(change["new"]), "value")
        self.branch.observe(lambda change: self._take(change["new"]), "value")
        self.undo.on_click(lambda button: self._undo())
        self.worst.on_click(lambda button: self._search())
        self.show.on_click(lambda button: self._take(self.shared.value))

    def _begin(self, beginning: Beginning) -> None:
        if beginning != self.walk.beginning:
            self._take(Trace(bounds=self.walk.model.bounds, beginning=beginning, moves=()))

    def _undo(self) -> None:
        self.walk.undo()
        self._refresh("")

    def _take(self, trace: Trace | str | None) -> None:
        if trace is None:
            return
        try:
            self.walk.take(Trace.from_json(trace) if isinstance(trace, str) else trace)
            self._refresh("")
        except ValueError as error:
            self._tell(f"⚠️ {error}")

    def _search(self) -> None:
        result = check(self._step, self._start, self.walk.model.bounds, self._properties, MOST_WORLDS)
        if found := result.counterexample:
            self.walk.take(found.trace)
        self._refresh("" if found else f"✅ {result}.")

    def _refresh(self, sentence: str) -> None:
        walk = self.walk
        self.possible.children = [self._button(move) for move in walk.possible]
        self.beginning.value = walk.beginning
        self.undo.disabled = not walk.moves
        left = [(f"{len(way.moves)} moves: {way.moves[-1]}", way) for way in reversed(walk.branches)]
        self.branch.options = [("the way above", None), *left]
        self.shared.value = walk.trace.to_json()
        self.way.value = f"<ol>{''.join(f'<li>{html.escape(str(move))}</li>' for move in walk.moves)}</ol>"
        self.situation.value = situation_table(walk.model.names, walk.now)
        broken = [holds.__name__ for holds in self._properties if not holds(walk.now)]
        self._tell(sentence or "".join(f"❌ broken: {name.replace('_', ' ')} " for name in broken))

    def _button(self, move: Move) -> Button:
        button = Button(description=str(move), tooltip=f"Let this happen: {move}", layout=Layout(width="auto"))
        button.on_click(lambda clicked: self.go(move))
        return button

    def _tell(self, sentence: str) -> None:
        self.status.value = f'<div role="status" aria-live="polite">{html.escape(sentence) or "&nbsp;"}</div>'

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The living widget, and for where no kernel runs what it shows at this moment."""
        bundle = self.widget._repr_mimebundle_(**options) or {}
        return {**bundle, "text/plain": f"<{self.title}>", "text/html": snapshot(self.widget)}
