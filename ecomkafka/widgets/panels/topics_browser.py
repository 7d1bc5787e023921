"""The topics browser: topics on Kafka, and every record in them."""

from contextlib import ExitStack

from ipywidgets import HTML, BoundedIntText, Button, Dropdown, HBox, Layout, Select, Text  # type: ignore[import-untyped]

from ecomkafka.clients.record import Record
from ecomkafka.shop import Shop
from ecomkafka.topics import TOPICS
from ecomkafka.widgets.data.topic_records import MAX_RECORDS, SECONDS, Found, Wanted, look
from ecomkafka.widgets.data.topics_snapshot import Snapshots, groups_table, partitions_table, topics_table
from ecomkafka.widgets.drawing import record_text
from ecomkafka.widgets.drawing.markup import field_error, table
from ecomkafka.widgets.panel_frame import Panel

ALL = -1
NOTE = (
    "Only what is committed is read (read_committed): a record of an aborted or open transaction has an offset, but is "
    "not shown. A transaction's end takes an offset as well, so there are more offsets than records."
)


class TopicsBrowser(Panel):
    """Topics with their partitions, offsets, groups and lag; records by offset or key; one record whole."""

    title = "Topics"

    def __init__(self, shop: Shop) -> None:
        self.topics, self.partitions, self.groups = HTML(), HTML(), HTML()
        self.topic = Dropdown(options=list(TOPICS), description="Topic", tooltip="Which topic to look into")
        self.partition = Dropdown(description="Partition", tooltip="Which one to read, or all", layout=_width("14em"))
        self.offset = Text(
            description="From offset", placeholder="newest", tooltip="Where to begin; empty: the newest records",
            continuous_update=False, layout=_width("14em"),
        )  # fmt: skip
        self.key = Text(
            description="Key", placeholder="any", tooltip="Only records with this key; empty: any",
            continuous_update=False, layout=_width("20em"),
        )  # fmt: skip
        self.count = BoundedIntText(
            10, 1, MAX_RECORDS, description="How many", tooltip=f"Records, at most {MAX_RECORDS}", layout=_width("12em")
        )
        self.show = Button(description="Show records", button_style="primary", tooltip="Read them from Kafka now")
        self.error, self.records, self.details = HTML(), HTML(), HTML()
        self.record = Select(description="Record", tooltip="Which one to see whole", rows=8)
        self.record.layout = Layout(width="100%", max_width="60em")
        self.snapshots = Snapshots(shop.cluster)
        self._found: list[Record] = []
        super().__init__(
            shop,
            self.topics,
            self.topic,
            self.partitions,
            self.groups,
            HBox([self.partition, self.offset, self.count]),
            HBox([self.key, self.show]),
            self.error,
            HTML(f"<p>{NOTE}</p>"),
            self.records,
            self.record,
            self.details,
        )
        self.topic.observe(lambda change: self._chose_topic(), "value")
        self.record.observe(lambda change: self._chose_record(), "value")
        self.show.on_click(lambda button: self._show())
        self._chose_topic()
        self.snapshots.start()
        self.start()

    def refresh(self) -> None:
        self._describe()
        self.snapshots.check()

    def close(self) -> None:
        with ExitStack() as closing:
            closing.callback(self.snapshots.stop)
            closing.callback(super().close)

    def _describe(self) -> None:
        """From the last answer: a change of the topic asks Kafka nothing."""
        snapshot, topic = self.snapshots.newest, self.topic.value
        self.topics.value = topics_table(snapshot)
        self.partitions.value = partitions_table(snapshot, topic)
        self.groups.value = groups_table(snapshot, topic)
        there = [p.number for p in snapshot.partitions.get(topic, ())] or range(TOPICS[topic].partitions)
        options = (("all", ALL), *((str(number), number) for number in there))
        if self.partition.options != options:
            chosen = self.partition.value
            self.partition.options = options
            self.partition.value = chosen if chosen in dict(options).values() else ALL

    def _chose_topic(self) -> None:
        """What was shown is of another topic."""
        self._describe()
        self.offset.value = self.key.value = self.error.value = self.records.value = ""
        self._list([])

    def _chose_record(self) -> None:
        number = self.record.value
        self.details.value = record_text.whole(self._found[number]) if number is not None else ""

    def _show(self) -> None:
        self.error.value = ""
        try:
            wanted = self._wanted()
        except ValueError as error:
            self.error.value = field_error(str(error))
            return
        self.show_status(f"⏳ Reading {wanted.topic} …")
        self.act(lambda: self._read(wanted))

    def _wanted(self) -> Wanted:
        text = self.offset.value.strip()
        if text and not (text.isascii() and text.isdecimal()):
            raise ValueError(f"from offset is {text!r:.80}: a whole number from 0 on is needed, or nothing")
        partition = None if self.partition.value == ALL else self.partition.value
        return Wanted(self.topic.value, partition, int(text) if text else None, self.key.value, self.count.value)

    def _read(self, wanted: Wanted) -> str:
        """In the panel's own thread."""
        try:
            found = look(self.shop.cluster, wanted)
        except ValueError as error:
            self.error.value = field_error(str(error))
            found = None
        if self.topic.value != wanted.topic:
            return f"{wanted.topic} was read, but another topic is chosen by now."
        records = found.records if found else []
        self.records.value = table(f"Records of {wanted.topic}", record_text.COLUMNS, map(record_text.row, records))
        self._list(records)
        return _summary(found, wanted) if found else "No record to show: the error is beside the fields."

    def _list(self, records: list[Record]) -> None:
        """No option without its record, not even for a moment: a choice may come in between."""
        self.record.options = ()
        self._found = records
        self.record.options = [(record_text.label(record), number) for number, record in enumerate(records)]
        self.record.value = 0 if records else None
        self._chose_record()


def _summary(found: Found, wanted: Wanted) -> str:
    count = len(found.records)
    what = f"{count} record{'' if count == 1 else 's'} of {wanted.topic}"
    order = "the newest first" if wanted.offset is None else "as they lie in the log"
    more = "" if found.in_time else f" The {SECONDS:.0f} s were up: there may be more."
    return f"🔎 {what}, {order}.{more}" if count else f"No record of {wanted.topic} is there.{more}"


def _width(width: str) -> Layout:
    return Layout(width=width)
