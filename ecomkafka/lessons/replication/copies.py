"""Every broker's replica of a partition, recorded at chosen moments.

A copy is read from the broker's own files: they can be read while it is frozen, and when it is dead.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import psutil
from kafka.errors import KafkaError
from kafka.record.memory_records import MemoryRecords

from ecomkafka.broker.node import Node
from ecomkafka.lessons.replication.asking import Layout, high_watermark, layout
from ecomkafka.waiting import until

LEADER, IN_SYNC, BEHIND, FROZEN, DEAD = "leader", "in sync", "not in sync", "frozen", "dead"
FROZEN_IN_SYNC = "frozen, listed in sync"
"""Nobody has noticed yet."""

_SECONDS = 10.0


class Copy(NamedTuple):
    """What one broker has at one moment."""

    moment: str
    broker: int
    state: str
    """One of those above."""
    records: tuple[str, ...]
    """By offset."""
    high_watermark: int | None
    """Only the leader is asked for it; None if the leader does not know it within 10 s."""


class Copies:
    """Partition 0 of `topic` on the brokers that have a copy."""

    def __init__(self, nodes: Sequence[Node], topic: str) -> None:
        self.topic = topic
        self._nodes = {node.number: node for node in nodes}
        self._seen: list[Copy] = []

    def look(self, moment: str) -> pd.DataFrame:
        """Note what each broker has now; returns one row per broker."""
        now = self.layout()
        found = [self._copy(moment, self._nodes[number], now) for number in sorted(now.replicas)]
        self._seen += found
        frame = pd.DataFrame(found).set_index("broker")
        return frame.assign(records=frame["records"].map(", ".join))[["state", "records"]]

    @property
    def table(self) -> pd.DataFrame:
        """All that was noted: one row per moment and broker."""
        return pd.DataFrame(self._seen, columns=Copy._fields)

    def layout(self) -> Layout:
        """What the best informed of the running brokers says. Raises TimeoutError if none answers."""
        found = until(self._newest, what=f"an answer about {self.topic}")
        assert found is not None
        return found

    def await_leader(self, *others: int) -> int:
        """Wait for a leader that is none of these brokers; returns its number."""
        return until(lambda: (now := self.layout().leader) > 0 and now not in others and now, what="a new leader")

    def await_in_sync(self, *numbers: int) -> None:
        """Wait until exactly these brokers are in sync."""
        wanted = tuple(sorted(numbers))
        until(lambda: self.layout().in_sync == wanted, what=f"{self.topic}: brokers {wanted} in sync")

    def await_copies(self, *numbers: int) -> None:
        """Wait until these brokers have the same records, and the leader has heard so: its high watermark says it."""
        until(lambda: self._are_equal(numbers), what=f"equal copies on {numbers}")

    def records(self, number: int) -> tuple[str, ...]:
        """The values in the copy of broker `number`, by offset, as its files have them."""
        return tuple(value for file in _segments(self._nodes[number], self.topic) for value in _values(file))

    def _are_equal(self, numbers: Sequence[int]) -> bool:
        first, *others = (self.records(number) for number in numbers)
        leader = self._nodes.get(self.layout().leader)
        return all(copy == first for copy in others) and leader is not None and self._watermark(leader) == len(first)

    def _await_watermark(self, leader: Node) -> int | None:
        with suppress(TimeoutError):
            until(lambda: self._watermark(leader) is not None, _SECONDS)
        return self._watermark(leader)

    def _watermark(self, leader: Node) -> int | None:
        """None while a new leader does not know it: its followers have to tell it first how far they are."""
        with suppress(OSError, KafkaError):
            return high_watermark(leader.address, self.topic)
        return None

    def _newest(self) -> Layout | None:
        answers = []
        for node in self._nodes.values():
            if _state(node) is None:
                with suppress(OSError, KafkaError):
                    answers.append(layout(node.address, self.topic))
        return max(answers, key=lambda answer: answer.epoch, default=None)

    def _copy(self, moment: str, node: Node, now: Layout) -> Copy:
        state, watermark = _state(node), None
        if state is None and node.number == now.leader:
            state = LEADER
            watermark = self._await_watermark(node)
        elif state == FROZEN and node.number in now.in_sync:
            state = FROZEN_IN_SYNC
        elif state is None:
            state = IN_SYNC if node.number in now.in_sync else BEHIND
        return Copy(moment, node.number, state, self.records(node.number), watermark)


def _state(node: Node) -> str | None:
    """FROZEN or DEAD; None for one that runs."""
    process = node.process
    if process is None:
        return DEAD
    return FROZEN if process.status() == psutil.STATUS_STOPPED else None


def _segments(node: Node, topic: str) -> list[Path]:
    return sorted((node.data / f"{topic}-0").glob("*.log"))


def _values(file: Path) -> list[str]:
    batches = MemoryRecords(file.read_bytes())
    values = []
    while batches.has_next():
        values += [(record.value or b"").decode() for record in batches.next_batch()]
    return values
