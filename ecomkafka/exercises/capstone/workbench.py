"""The workbench of a check: topics, the student's processes, the requests sent, and what readers see of the answers."""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self, TypeVar

from kafka.admin import MemberToRemove, NewTopic

from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.exercises.capstone import hints, limits, strikes
from ecomkafka.exercises.capstone.ended import ended
from ecomkafka.exercises.capstone.findings import Finding
from ecomkafka.exercises.capstone.limits import NEVER_READ, STOPPED
from ecomkafka.exercises.capstone.shelves import WAREHOUSES, Model, Requests, partition_of
from ecomkafka.exercises.capstone.strikes import HEARTBEATS, Strike
from ecomkafka.exercises.capstone.student_process import StudentProcess
from ecomkafka.exercises.capstone.wire import FETCH, HEARTBEAT, INIT, JOINED, PRODUCE, Event
from ecomkafka.exercises.checking import timed_transaction
from ecomkafka.exercises.checking.stage import MS, SECONDS, Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.machine.guard import Guard
from ecomkafka.messages import Reserve, encode

REQUESTS, ANSWERS, STOCK = "inventory.requests", "inventory.responses", "inventory.stock"
PARTITIONS = {REQUESTS: len(WAREHOUSES), ANSWERS: 1, STOCK: len(WAREHOUSES)}


S = TypeVar("S", bound=Strike)


class WentWrong(Wrong):
    """Wrong, with the order whose story shows it."""

    def __init__(self, hint: str, finding: Finding) -> None:
        super().__init__(hint, finding.expected, finding.observed, finding.where)
        self.order_id = finding.order_id


class Workbench:
    """Use it in a `with` block; what it has started ends with the block."""

    def __init__(self, stage: Stage, program: Path, seed: int) -> None:
        self.stage, self.cluster = stage, stage.cluster
        self.requests = Requests(seed)
        self.model = Model(self.requests.opening)
        self.log: list[Event] = []
        """What was done and what the processes asked of Kafka, in sequence."""
        self.processes: dict[str, StudentProcess] = {}
        self.may_end: set[str] = set()
        """Processes that may end by themselves."""
        self._program = program
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._folder = Path(tempfile.mkdtemp(prefix="ecomkafka-capstone-")).resolve()
            opening.callback(shutil.rmtree, self._folder, ignore_errors=True)
            opening.enter_context(Guard(self._folder, delete=True))
            self._copy = Path(shutil.copy(self._program, self._folder / "inventory.py"))
            self._producer: Any = opening.enter_context(self.cluster.producer())
            self._create_topics()
            opening.callback(self._close_processes)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    # --- what is sent

    def send(self, requests: Sequence[Reserve], *, again: bool = False) -> None:
        """Write the requests, each to its warehouse's partition."""
        self.model.take(requests)
        futures = [
            self._producer.send(self.name(REQUESTS), encode(r), key=r.warehouse_id.encode(), partition=partition_of(r))
            for r in requests
        ]
        self._producer.flush(timeout=SECONDS)
        what = "the request again" if again else "the request"
        for request, future in zip(requests, futures, strict=True):
            place = {(self.name(REQUESTS), partition_of(request)): future.get(timeout=0).offset}
            self.log.append(Event("client", what, name=request.order_id, offsets=place))

    def send_aborted(self, request: Reserve) -> None:
        """Write the request in a transaction that is then aborted: it was never made."""
        with self.cluster.producer(transactional_id="client") as producer:
            producer.init_transactions()
            producer.begin_transaction()
            producer.send(self.name(REQUESTS), encode(request), partition=partition_of(request))
            producer.flush(timeout=SECONDS)
            timed_transaction.abort(producer)
        self.log.append(Event("client", "a request, aborted", name=request.order_id))

    def name(self, topic: str) -> str:
        """The topic's name on the cluster."""
        return self.cluster.name(topic)

    # --- processes

    def start(self, instance: str = "a") -> StudentProcess:
        """Start an instance, and wait until it reads requests."""
        label = f"inventory-{instance}"
        lives = sum(name.split(" ")[0] == label for name in self.processes) + 1
        name = label if lives == 1 else f"{label} ({lives})"
        names = [self.name(topic) for topic in (REQUESTS, ANSWERS, STOCK)]
        arguments = [",".join(self.cluster.bootstrap), *names, self.name("inventory"), self.name(label)]
        self.log.append(Event(name, "started again" if lives > 1 else "started"))
        folder = self._folder / f"{len(self.processes)}"
        process = StudentProcess(name, folder, self._copy, arguments, self.cluster, self.log)
        self.processes[name] = process
        self.until(lambda: self._reads(process) or (lives > 1 and self._check_open()), NEVER_READ)
        return process

    def strike(self, process: StudentProcess, kind: type[S], request: Reserve) -> S:
        """Send a request, and wait until the strike has happened; at the latest when the program has had time enough
        after its answer.
        """
        process.wire.strike = strike = kind(process, self.log, self.name(ANSWERS), request.order_id)
        self.send([request])

        answered_at: list[float] = []

        def is_over() -> bool:
            events = list(self.log)
            written = [
                n for n, e in enumerate(events) if e.answered and e.carries(self.name(ANSWERS), request.order_id)
            ]
            if not written or strike.done.is_set():
                return strike.done.is_set()
            answered_at.append(time.monotonic())
            beats = sum(e.what == HEARTBEAT and e.who == process.name for e in events[written[-1] :])
            return beats >= 2 * HEARTBEATS or answered_at[-1] - answered_at[0] > strikes.SECONDS

        self.until(is_over, STOPPED)
        return strike

    def kill(self, process: StudentProcess) -> None:
        """If it lives: kill it. Then Kafka hears at once that its members are gone, and not after a time-out."""
        if not process.killed:
            process.kill()
            self.log.append(Event(process.name, "kill -9"))
        self.evict(process)

    def evict(self, process: StudentProcess) -> None:
        """Remove the process from its group, as Kafka does with one that it has not heard of for long."""
        members = {event.member for event in self.log if event.who == process.name and event.what == JOINED}
        with closing(self.cluster.admin()) as admin:
            for member in filter(None, members):
                identity = {"group_instance_id": member.instance} if member.instance else {"member_id": member.member}
                admin.remove_group_members(member.group, [MemberToRemove(**identity)])

    # --- what is to be seen

    def finish(self) -> None:
        """Send a last request to each partition and wait until readers see its answer: all before it is handled."""
        last = [self.requests.reserve(partition) for partition in range(len(WAREHOUSES))]
        self.send(last)
        self.until(lambda: (self.is_answered(*last) and not self._under_way()) or self._check_open(), STOPPED)

    def _under_way(self) -> set[str]:
        """The transactional ids of the program whose transaction has not ended everywhere."""
        with closing(self.cluster.admin()) as admin:
            listed = admin.list_transactions(state_filters=["Ongoing", "PrepareCommit", "PrepareAbort"]).values()
        return {transaction.transactional_id for of_broker in listed for transaction in of_broker} & set(self._ids())

    def owners_under_way(self) -> set[str]:
        """The processes whose transaction has not ended everywhere."""
        return {self._ids()[name] for name in self._under_way()}

    def _ids(self) -> dict[str, str]:
        """Each transactional id that was initialised, and by which process last."""
        return {event.name: event.who for event in list(self.log) if event.what == INIT and event.name}

    def _check_open(self) -> bool:
        """Raises Wrong if a transaction is open that no living process can end; else False."""
        ids = self._ids()
        living = {name for name, process in self.processes.items() if not process.ended}
        if not living <= set(ids.values()):  # one of them may still say that it is the next owner
            return False
        if left := {name for name in self._under_way() if ids[name] not in living}:
            names = ", ".join(f"{self.cluster.logical(name)}, of {ids[name]}, which was killed" for name in left)
            raise Wrong(hints.OPEN, "no transaction of a dead program is open", names)
        return False

    def is_answered(self, *requests: Reserve) -> bool:
        """Whether read_committed readers see an answer to each."""
        seen = [(record.key or b"") + (record.value or b"") for record in self.seen(ANSWERS)]
        return all(any(request.order_id.encode() in answer for answer in seen) for request in requests)

    def seen(self, topic: str) -> list[Record]:
        """All that a read_committed reader gets of the topic now."""
        return read(self.cluster, topic, timeout=SECONDS)

    def until(self, condition: Callable[[], object], hint: str) -> None:
        """Wait for it. Raises Wrong if a process ends by itself, or if it takes too long."""
        deadline = time.monotonic() + limits.SECONDS
        while not condition():
            for process in self.processes.values():
                if process.ended and not process.killed and process.name not in self.may_end:
                    raise ended(process, spoke=self._saw(process, lambda e: e.answered))
            if time.monotonic() > deadline:
                raise Wrong(hint, "an answer", f"none within {limits.SECONDS:g} s", self._last())
            time.sleep(0.02)

    def _last(self) -> str:
        events = [event for event in self.log if event.what not in (FETCH, HEARTBEAT) and event.who in self.processes]
        return f"the last that {events[-1].who} did: {events[-1].what}" if events else ""

    def _reads(self, process: StudentProcess) -> bool:
        """Whether it has asked Kafka for requests."""
        topic = self.name(REQUESTS)
        return self._saw(process, lambda e: e.what == FETCH and topic in e.topics)

    def _saw(self, process: StudentProcess, matches: Callable[[Event], bool]) -> bool:
        return any(event.who == process.name and matches(event) for event in list(self.log))

    def wrote(self, process: StudentProcess, order_id: str) -> bool:
        """Whether the process has sent an answer to the order."""
        topic = self.name(ANSWERS)
        return self._saw(process, lambda e: e.what == PRODUCE and e.carries(topic, order_id))

    def _create_topics(self) -> None:
        new = [NewTopic(self.name(topic), count, -1) for topic, count in PARTITIONS.items()]
        with closing(self.cluster.admin()) as admin:
            admin.create_topics(new, timeout_ms=MS)
            admin.wait_for_topics([topic.name for topic in new], timeout_ms=MS)
        for partition, products in enumerate(WAREHOUSES.values()):
            for product in products:
                units = str(self.requests.opening[product]).encode()
                self._producer.send(self.name(STOCK), units, key=product.encode(), partition=partition)
        self._producer.flush(timeout=SECONDS)

    def _close_processes(self) -> None:
        for process in self.processes.values():
            process.close()
