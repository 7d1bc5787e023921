"""What a student's program says to Kafka: its requests, in words, as they pass a proxy where one can strike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from kafka.protocol.api_key import ApiKey
from kafka.protocol.consumer import (
    FetchRequest,
    HeartbeatRequest,
    OffsetCommitRequest,
    SyncGroupRequest,
)
from kafka.protocol.producer import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
    ProduceRequest,
    TxnOffsetCommitRequest,
)
from kafka.record import MemoryRecords

from ecomkafka.faults.fault_rules import Fault, Rule
from ecomkafka.faults.frames import Request
from ecomkafka.faults.network_proxy import Exchange, Proxy

PRODUCE, COMMIT, COMMIT_IN_TRANSACTION, END = "produce", "commit", "commit in a transaction", "end of a transaction"
INIT, BEGIN, JOINED, FETCH, HEARTBEAT = "init", "begin", "joined", "fetch", "heartbeat"

_DECODERS: Mapping[ApiKey, Any] = {
    ApiKey.Produce: ProduceRequest,
    ApiKey.OffsetCommit: OffsetCommitRequest,
    ApiKey.TxnOffsetCommit: TxnOffsetCommitRequest,
    ApiKey.AddPartitionsToTxn: AddPartitionsToTxnRequest,
    ApiKey.AddOffsetsToTxn: AddOffsetsToTxnRequest,
    ApiKey.EndTxn: EndTxnRequest,
    ApiKey.InitProducerId: InitProducerIdRequest,
    ApiKey.SyncGroup: SyncGroupRequest,
    ApiKey.Fetch: FetchRequest,
    ApiKey.Heartbeat: HeartbeatRequest,
}

Place = tuple[str, int]
"""A topic's name on the cluster, and a partition."""


class Written(NamedTuple):
    topic: str
    partition: int
    key: bytes | None
    value: bytes | None


class Member(NamedTuple):
    group: str
    member: str
    instance: str | None


@dataclass(frozen=True)
class Event:
    """A request as it comes to the proxy; once more with `answered` when its answer goes back."""

    who: str
    what: str
    records: tuple[Written, ...] = ()
    offsets: Mapping[Place, int] = field(default_factory=dict)
    """Of a commit: where to read on."""
    name: str = ""
    """The transactional id, or nothing; of what the harness does, what it is about."""
    committed: bool = True
    """Of the end of a transaction: whether it is a commit."""
    member: Member | None = None
    generation: int = -1
    """Of a commit in a transaction: the group's generation that it names, or -1."""
    topics: frozenset[str] = frozenset()
    answered: bool = False
    lost: bool = False
    """Whether the broker never saw it."""

    def covers(self, request: "Event | None") -> bool:
        """Whether it commits as done what lies where the request says."""
        return bool(request) and any(
            self.offsets.get(p, 0) > at for p, at in (request.offsets if request else {}).items()
        )

    def carries(self, topic: str, order_id: str) -> bool:
        """Whether it writes something about the order to the topic."""
        return any(r.topic == topic and order_id.encode() in (r.value or b"") for r in self.records)


class Wire(Proxy):
    """The proxy of one process, named `who`. `strike` is asked about each request before it goes on."""

    def __init__(self, who: str, log: list[Event]) -> None:
        self.strike: Callable[[Event], Fault | None] | None = None
        self.watching = True
        """Off while speed is measured: reading each request takes time."""
        self._who, self._events = who, log
        super().__init__()

    def rule_for(self, request: Request, whose: str | None) -> Rule | None:
        if self.watching and (event := event_of(self._who, request)):
            self._events.append(event)
            if self.strike and (fault := self.strike(event)):
                self._events.append(replace(event, lost=True))
                return Rule(request.api, fault, 0)
        return super().rule_for(request, whose)

    def exchanged(self, exchange: Exchange) -> None:
        super().exchanged(exchange)
        if self.watching and (event := event_of(self._who, Request.of(exchange.request))):
            self._events.append(replace(event, answered=True))


def event_of(who: str, request: Request) -> Event | None:
    """What a request says; None if it is of no interest here."""
    if request.api not in _DECODERS:
        return None
    body = _DECODERS[request.api].decode(request.frame, version=request.version, header=True, framed=True)
    match request.api:
        case ApiKey.Produce:
            return Event(who, PRODUCE, records=_records(body), name=body.transactional_id or "")
        case ApiKey.OffsetCommit:
            return Event(who, COMMIT, offsets=_offsets(body))
        case ApiKey.TxnOffsetCommit:
            return Event(
                who,
                COMMIT_IN_TRANSACTION,
                offsets=_offsets(body),
                name=body.transactional_id,
                generation=body.generation_id,
            )
        case ApiKey.AddPartitionsToTxn | ApiKey.AddOffsetsToTxn:
            return Event(who, BEGIN, name=request.transactional_id or "")
        case ApiKey.EndTxn:
            return Event(who, END, name=body.transactional_id, committed=body.committed)
        case ApiKey.InitProducerId:
            return Event(who, INIT, name=body.transactional_id or "")
        case ApiKey.SyncGroup:
            return Event(who, JOINED, member=Member(body.group_id, body.member_id, body.group_instance_id))
        case ApiKey.Fetch:
            return Event(who, FETCH, topics=frozenset(topic.topic for topic in body.topics))
    return Event(who, HEARTBEAT)


def _offsets(body: Any) -> dict[Place, int]:
    return {(topic.name, p.partition_index): p.committed_offset for topic in body.topics for p in topic.partitions}


def _records(body: Any) -> tuple[Written, ...]:
    parts = [(topic.name, part.index, part.records) for topic in body.topic_data for part in topic.partition_data]
    return tuple(
        Written(topic, index, record.key, record.value)
        for topic, index, packed in parts
        for record in _unpacked(packed)
    )


def _unpacked(packed: bytes | None) -> list[Any]:
    batches = MemoryRecords(bytes(packed or b""))
    found: list[Any] = []
    while (batch := batches.next_batch()) is not None:
        found += list(batch)
    return found
