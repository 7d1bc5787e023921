"""The saga view: an order's swim-lane that grows as records arrive; step through them and inspect each."""

import html
import json
import threading
from collections.abc import Sequence

import pandas as pd
from ipywidgets import HTML, Button, Combobox, HBox, Layout, Select  # type: ignore[import-untyped]

from ecomkafka.clients.record import Position, Record
from ecomkafka.flow import CODECS
from ecomkafka.shop import Shop
from ecomkafka.views.swimlanes.lanes import table_of
from ecomkafka.views.swimlanes.swimlane import drawn, payment_of
from ecomkafka.widgets.drawing.markup import field_error, picture, table
from ecomkafka.widgets.panel_frame import Panel

SUGGESTED = 30
TOPICS = tuple(CODECS)


class SagaView(Panel):
    """Shows the newest order until another one is asked for, and follows its newest record unless one is chosen."""

    title = "Saga"

    def __init__(self, shop: Shop) -> None:
        self.order = Combobox(
            description="Order", placeholder="for example ORD-0001", tooltip="Whose records", continuous_update=False
        )
        self.order_error, self.picture, self.details = HTML(), HTML(), HTML()
        self.record = Select(description="Record", tooltip="Up to which, and what is in it", rows=10)
        self.record.layout = Layout(width="100%", max_width="60em")
        self.back = Button(description="Step back", tooltip="To the record before")
        self.forward = Button(description="Step forward", tooltip="To the record after")
        self._records: dict[Position, Record] = {}
        self._table = pd.DataFrame()
        self._listed: tuple[str, int] = ("", 0)
        self._chosen: int | None = None
        self._lister: int | None = None
        self._drawn: tuple[tuple[str, int], int] | None = None
        super().__init__(
            shop,
            HBox([self.order, self.order_error]),
            HBox([self.back, self.forward]),
            self.record,
            self.details,
            self.picture,
        )
        self.back.on_click(lambda button: self._step(-1))
        self.forward.on_click(lambda button: self._step(1))
        self.order.observe(lambda change: self._shared.ticker.kick(), "value")
        self.record.observe(lambda change: self._chose(change["new"]), "value")
        self.start()

    def refresh(self) -> None:
        known = [row.order_id for row in self.feed.orders(SUGGESTED)]
        self.order.options = known
        if not self.order.value and known:
            self.order.value = known[0]
        order_id = self.order.value
        records = self.feed.records(order_id)
        unknown = f"{order_id!r:.80} is none of the last orders." if order_id and not records else ""
        self.order_error.value = field_error(unknown)
        if not records:
            return
        if self._listed != (order_id, len(records)):
            self._list(order_id, records)
        shown = self._listed, self.record.value or len(self._table)
        if self._drawn != shown:
            self._draw(order_id, shown[1])
            self._drawn = shown

    def _list(self, order_id: str, records: Sequence[Record]) -> None:
        self._lister = threading.get_ident()
        if self._listed[0] != order_id:
            self._chosen = None
        self._records = {record.position: record for record in records}
        self._table = table_of(records, payment_of(self.shop, order_id))
        rows = self._table[["step", "type", "topic", "partition", "offset"]].itertuples(index=False)
        self.record.options = [(f"{step}. {kind} {topic}:{p}:{offset}", step) for step, kind, topic, p, offset in rows]
        while self.record.value != (self._chosen or len(self._table)):  # a click may come in between
            self.record.value = self._chosen or len(self._table)
        self._listed = order_id, len(records)
        self._lister = None

    def _chose(self, step: int | None) -> None:
        """The last one means: follow. What `_list` sets is nobody's choice."""
        if step is None or threading.get_ident() == self._lister:
            return
        self._chosen = None if step == len(self._table) else step
        self._shared.ticker.kick()

    def _step(self, by: int) -> None:
        if count := len(self.record.options):
            self.record.value = min(max(1, (self.record.value or count) + by), count)

    def _draw(self, order_id: str, step: int) -> None:
        self.picture.value = picture(drawn(self._table.head(step), order_id, ""))
        row = self._table.iloc[step - 1]
        self.details.value = _details(self._records[Position(row["topic"], int(row["partition"]), int(row["offset"]))])


def _details(record: Record) -> str:
    """Key, value and headers of one record, and where it is."""
    headers = [(name, (value or b"").decode("utf-8", "replace")) for name, value in record.headers]
    value = json.dumps(json.loads(record.value or b"null"), indent=2, ensure_ascii=False)
    facts = [("key", (record.key or b"").decode("utf-8", "replace")), *((f"header {n}", text) for n, text in headers)]
    return f"{table(str(record.position), ('', ''), facts)}<pre>{html.escape(value)}</pre>"
