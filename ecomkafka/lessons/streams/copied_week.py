"""A copy of the week's events, written in parts: so a program can be killed in the middle of its work."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ecomkafka.clients import Cluster
from ecomkafka.lessons.streams.topic_reader import read_all
from ecomkafka.streams import five_minute_windows
from ecomkafka.streams.dated_records import write
from ecomkafka.streams.instances import Instance
from ecomkafka.waiting import until

TOPIC = five_minute_windows.TOPIC
_SECONDS = 60.0


class CopiedWeek:
    """`orders.events` once more, in a namespace that no other copy has: empty at first, `write` adds the next events.

    Every part has events of all days and partitions.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = replace(cluster, namespace=cluster.name(f"copy-{uuid.uuid4().hex[:8]}"))
        events = sorted(read_all(cluster, TOPIC), key=lambda event: (event.offset, event.partition))
        self._events = events[::2] + events[1::2]

    def write(self, count: int) -> None:
        """The next `count` events, or as many as are left."""
        part, self._events = self._events[:count], self._events[count:]
        write(self.cluster, TOPIC, [(event.key.decode(), event.value.decode(), _time(event)) for event in part])


def kill_one_at_work(programs: list[Instance], week: CopiedWeek, count: int) -> None:
    """Write `count` events. The program that counts first gets `kill -9` at once."""
    until(lambda: all(each.state == "RUNNING" for each in programs), _SECONDS)
    before = {each: counted(each) for each in programs}
    week.write(count)
    working = until(lambda: [each for each in programs if counted(each) > before[each]], _SECONDS)
    working[0].kill()


def counted(program: Instance) -> int:
    """How many events are in the windows that it holds."""
    return sum(count for sums in program.windows().values() for count, _money in sums.values())


def figures(programs: Iterable[Instance]) -> dict[datetime, dict[str, Any]]:
    """The windows that they hold together, under the names of `shop.windows()`."""
    windows = {start: sums for program in programs for start, sums in program.windows().items()}
    store = {("", datetime.fromisoformat(start), None): json.dumps(sums) for start, sums in windows.items()}
    return five_minute_windows.figures(store)


def _time(event: Any) -> datetime:
    return datetime.fromisoformat(json.loads(event.value)["at"])
