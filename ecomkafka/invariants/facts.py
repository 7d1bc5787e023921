"""The facts of a shop, from which invariants are checked: topics, changelogs, SQL, mailbox, ledger, groups."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import Lag, lags
from ecomkafka.clients.reader import partitions_of, read
from ecomkafka.clients.record import Record
from ecomkafka.contracts.codec import unknown_type
from ecomkafka.domain.order_view import OrderRow
from ecomkafka.domain.saga import Saga
from ecomkafka.domain.stock import Entry
from ecomkafka.domain.windows.window import Window
from ecomkafka.engine.changelog import table
from ecomkafka.engine.records_set_aside import REPLAY_OF
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import CODECS, HOPS, QUARANTINE, RETRY_TOPICS, ROUTES
from ecomkafka.gateways.payment import Charge
from ecomkafka.invariants.live_state import live_and_restored
from ecomkafka.invariants.open_transactions import hanging, open_transactions, stay
from ecomkafka.invariants.quarantined import Aside, readable
from ecomkafka.services import analytics

COPY_OF = "copy_of"
"""Header of a record that a fault has written a second time: where the first is."""

SHOWN = 8


class Violation(NamedTuple):
    who: str
    """An order, a product, a notification, a window, a group."""
    what: str


Violations = Iterator[Violation]


Ends = Mapping[tuple[str, int], int]
"""By topic and partition, the offset behind the last record."""


class Slack(NamedTuple):
    """By how many seconds an end may be younger than its order's deadline; small, for a shop that nobody breaks."""

    confirmed: float = 5.0
    """Decided before it, its transaction ended later."""
    cancelled: float = 10.0
    """It needs an order service that works: one that is started again, or whose group changes, stands still so long."""


CALM = Slack()
UNDER_FAULTS = Slack(confirmed=15.0, cancelled=60.0)
"""After any fault an order service works again by then."""


def places(records: Sequence[Record]) -> str:
    """Where these records are: "topic:partition:offset, …"; the last ones if there are many."""
    more = f"… {len(records) - SHOWN} more, " if len(records) > SHOWN else ""
    return more + ", ".join(str(record.position) for record in records[-SHOWN:]) or "nowhere"


def checksum(record: Any) -> int:
    """Of what a record says, ours or a client's."""
    return zlib.crc32(record.value or b"", zlib.crc32(record.key or b""))


@dataclass(frozen=True)
class Facts:
    """Plain data, so that a test can break any of it."""

    records: Mapping[str, Sequence[Record]]
    """Every committed record by topic, in the order of the log."""
    stock: Mapping[str, Entry]
    open_sagas: Mapping[str, Saga]
    windows: Sequence[Window]
    late: Mapping[str, int]
    """Events that came too late for their window, by topic."""
    lags: Sequence[Lag]
    open_transactions: Sequence[str]
    """Those that nobody is about to end (see `stay`)."""
    charges: Sequence[Charge] | None = None
    """The payment ledger; None: not known."""
    read_model: Sequence[OrderRow] | None = None
    mails: Sequence[str] | None = None
    """The notification id of each mail in the mailbox; None: mail was not really sent."""
    witnessed: Mapping[tuple[str, int], Sequence[int]] | None = None
    """The offsets that a read_committed reader saw who read all along, by topic and partition; None: nobody did."""
    checksums: Mapping[tuple[str, int], Sequence[int]] | None = None
    """Those of the records' contents, as that reader saw them."""
    hanging: Sequence[str] = ()
    """Where an open transaction keeps readers of what is committed from going on: topic:partition:offset."""
    live: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What services of this process have in memory, by service and key."""
    restored: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What a restart would give them."""
    older: Ends = field(default_factory=dict)
    """Where the topics ended when this shop was opened: its ledger and its mailbox know nothing of what is before."""
    taken: Collection[str] = ()
    """Services whose name somebody else has by now: what happened since is in other books than this shop's."""
    on_wall_clock: bool = True
    """Whether deadlines are of the same clock as Kafka's time stamps."""
    slack: Slack = CALM

    def of(self, topic: str) -> Sequence[Record]:
        return self.records.get(topic, ())

    def messages(self, *kinds: type[Any]) -> Iterator[Any]:
        """The messages of these types, which must share a topic."""
        for record in self.of(ROUTES[kinds[0]].topic):
            if isinstance(record.message, kinds):
                yield record.message

    def is_older(self, record: Record) -> bool:
        """Whether it was there before this shop was opened."""
        return record.offset < self.older.get((record.topic, record.partition), 0)

    @cached_property
    def set_aside(self) -> Mapping[str, Aside]:
        """What could be read and was quarantined all the same, by its place there."""
        return readable(self.records)

    @cached_property
    def newer(self) -> Mapping[tuple[str, str], int]:
        """How many messages there are of types that this version does not know, by topic and type."""
        return Counter(
            (topic, kind)
            for topic in CODECS
            for record in self.of(topic)
            if record.message is None and (kind := unknown_type(record.value)) is not None
        )

    def is_copy(self, record: Record) -> bool:
        """Whether a fault has written it, or who has sent out of quarantine what could be read before; no service."""
        return record.header(COPY_OF) is not None or record.header(REPLAY_OF) in self.set_aside

    @property
    def waiting(self) -> Iterator[Record]:
        """Notifications that wait in a retry topic for their time."""
        committed = {(lag.topic, lag.partition): lag.committed or 0 for lag in self.lags}
        for topic in RETRY_TOPICS:
            yield from (r for r in self.of(topic) if r.offset >= committed.get((topic, r.partition), 0))


def ends_of(cluster: Cluster) -> Ends:
    """Where the topics with messages end now."""
    with cluster.consumer() as consumer:
        partitions = [partition for topic in CODECS for partition in partitions_of(consumer, cluster, topic)]
        return {(cluster.logical(p.topic), p.partition): end for p, end in consumer.end_offsets(partitions).items()}


def gather(cluster: Cluster, services: Iterable[Worker] = (), **others: Any) -> Facts:
    """Read all that is on the cluster and in the memory of `services`.

    `others` are the facts from outside it: `charges`, `read_model`, `mails`, `witnessed`, …
    Raises RuntimeError if retention has taken a topic's beginning: then nothing adds up any more.
    """
    records: dict[str, list[Record]] = {topic: [] for topic in (*CODECS, QUARANTINE)}
    for record in read(cluster, *records):
        records[record.topic].append(record)
    _check_complete(cluster, records)
    live, restored = live_and_restored(cluster, services)
    sagas = table(cluster, HOPS["order"], Saga)
    return Facts(
        records=records,
        stock=table(cluster, HOPS["inventory"], Entry),
        open_sagas={order_id: saga for order_id, saga in sagas.items() if not saga.closed},
        windows=analytics.windows(cluster),
        late=analytics.late(cluster),
        lags=lags(cluster),
        open_transactions=stay(open_transactions, cluster),
        hanging=stay(hanging, cluster),
        live=live,
        restored=restored,
        **others,
    )


def without_books_of(facts: Facts, taken: Collection[str]) -> Facts:
    """The same facts without the ledger and the mailbox that the services in `taken` have left behind."""
    charges = None if "order" in taken else facts.charges
    mails = None if "notification" in taken else facts.mails
    return replace(facts, charges=charges, mails=mails, taken=taken)


def _check_complete(cluster: Cluster, topics: Iterable[str]) -> None:
    with cluster.consumer() as consumer:
        partitions = [p for topic in topics for p in partitions_of(consumer, cluster, topic)]
        lost = [p for p, first in consumer.beginning_offsets(partitions).items() if first]
    if lost:
        raise RuntimeError(
            f"{lost[0].topic}:{lost[0].partition} has lost its beginning to retention: what came in then is not known, "
            "so nothing can be checked against it"
        )
