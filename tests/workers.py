"""What the runtime's tests share: a tiny worker over real topics, and how to see that it handled each record exactly
once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Forward, Record
from ecomkafka.engine.state import State
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import Hop
from ecomkafka.messages import Message, Release, Released, Value, encode
from tests.waiting import PATIENCE, eventually

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
REQUESTS, ANSWERS, CHANGELOG = "inventory.requests", "inventory.responses", "inventory.stock"


class Tally(Value, frozen=True):
    """How many records of its partition a worker has handled."""

    count: int


class Counting(Worker):
    """Answers each request and counts it: an input lost or doubled shows in the answers and in the count."""

    hop = Hop("inventory", (REQUESTS,), (ANSWERS,), CHANGELOG)
    state_type = Tally

    def handle(self, record: Record, state: State) -> Iterable[Message | Forward]:
        message = record.message
        tally = state.get("tally") or Tally(count=0)
        state.put("tally", Tally(count=tally.count + 1))
        return [Released(order_id=message.order_id, warehouse_id=message.warehouse_id, at=message.at)]


def ask(cluster: Cluster, count: int, start: int = 0, partitions: Sequence[int] = (0, 1, 2)) -> None:
    """Send `count` requests of different orders, spread over the partitions."""
    with cluster.producer() as producer:
        for number in range(start, start + count):
            message = Release(order_id=f"O-{number}", warehouse_id="WH", at=AT)
            partition = partitions[number % len(partitions)]
            producer.send(cluster.name(REQUESTS), encode(message), key=b"WH", partition=partition)
        producer.flush(timeout=PATIENCE)


def answers(cluster: Cluster) -> Counter[str]:
    """How often each order was answered."""
    return Counter(record.message.order_id for record in read(cluster, ANSWERS))


def tallies(cluster: Cluster) -> dict[int, int]:
    """By partition, how many records the state says were handled."""
    records = [record for record in read(cluster, CHANGELOG) if record.key == b"tally" and record.value is not None]
    return {record.partition: msgspec.json.decode(record.value, type=Tally).count for record in records}


def exactly_once(cluster: Cluster, count: int, timeout: float = PATIENCE) -> None:
    """Wait until `count` requests are answered; then each must have been answered, and counted, once."""
    eventually(lambda: len(answers(cluster)) >= count, f"{count} answers", timeout=timeout)
    assert answers(cluster) == Counter({f"O-{number}": 1 for number in range(count)})
    assert sum(tallies(cluster).values()) == count


class Once:
    """For `worker.at`: does something the first time that the loop comes to `point`."""

    def __init__(self, point: str, action: Callable[[], object]) -> None:
        self.point, self.action = point, action
        self.begun = self.done = False

    def __call__(self, point: str) -> None:
        if point == self.point and not self.begun:
            self.begun = True
            try:
                self.action()
            finally:
                self.done = True
