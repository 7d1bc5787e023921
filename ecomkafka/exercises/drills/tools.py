"""The looks at a shop: the command line, logs, processes, and Kafka's own answers. Each counts as one look."""

import functools
import os
import shlex
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

from ecomkafka.broker import broker
from ecomkafka.dataframes import DataFrame, dataframe
from ecomkafka.exercises.drills import kafka_tables, signals
from ecomkafka.exercises.drills.scene import Scene
from ecomkafka.logs import readable
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.shop.instances import Staff, processes

COMMANDS = ("create-order", "dlq", "groups", "health", "list-topics", "quarantine", "report", "trace")
"""Those of `ecomkafka` that ask the drill's Kafka. The others ask for a home that a drill does not have."""

COMMAND_SECONDS = 90.0
Tool = TypeVar("Tool", bound=Callable[..., Any])

_PLAIN = {"PYTHONUTF8": "1", "FORCE_COLOR": ""}
"""A kernel asks for colours, in which a table's columns can't be read."""


class Text(str):
    """Shown in a notebook as it is."""

    def __repr__(self) -> str:
        return str(self)


def _look(tool: Tool) -> Tool:
    """Count the call, also one that fails: that no Kafka answers is an answer, too."""

    @functools.wraps(tool)
    def counted(drill: "Tools", *arguments: Any, **options: Any) -> Any:
        drill.looks += 1
        return tool(drill, *arguments, **options)

    return cast(Tool, counted)


class Tools:
    """What a student looks with. They change nothing."""

    looks = 0
    _scene: Scene

    @_look
    def run(self, command: str) -> Text:
        """What the command line says of this shop: `run("groups")`, `run("trace ORD-0001")`; one of COMMANDS."""
        words = shlex.split(command.removeprefix("ecomkafka "))
        if not words or words[0] not in COMMANDS:
            raise ValueError(f"command is {command!r:.80}: {', '.join(COMMANDS)} are allowed here")
        cluster = self._scene.cluster
        done = subprocess.run(
            [sys.executable, "-P", "-m", "ecomkafka", *words],
            env=os.environ | cluster.variables() | _PLAIN,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=COMMAND_SECONDS,
        )
        return Text((done.stdout + done.stderr).rstrip())

    @_look
    def logs(self, last: int = 20) -> Text:
        """The newest lines that the shop's services and the label printer have logged: warnings and errors."""
        lines = [line for process in processes(self._scene.shop) for line in _readable(process)]
        return Text("\n".join(sorted([*lines, *self._scene.shop.log.lines])[-last:]) or "nothing was logged")

    @_look
    def broker_log(self, last: int = 15) -> Text:
        """The newest lines of every broker's log and of its console, without stack frames."""
        own = self._scene.broker
        found = broker.status() if own is None else None
        files = [file for node in own.nodes for file in (node.log, node.console)] if own else []
        files += [Path(log) for log in (found.logs if found else ())]
        parts = [f"{file.parent.name}, {file.name}:\n{''.join(_tail(file, last))}" for file in files]
        return Text("\n".join(parts) or "the brokers are not on this machine")

    @_look
    def processes(self) -> DataFrame:
        """One row per service and per broker of the drill's own: where it runs, in which state."""
        rows = [(w.identity, "a thread of this kernel", _state(w.status)) for w in Staff(self._scene.shop).instances]
        rows += [(f"{p.service}-{p.instance}", _where(p.pid), p.state or "ended") for p in processes(self._scene.shop)]
        for node in self._scene.broker.nodes if self._scene.broker else ():
            process = node.process
            state = process.status() if process else "ended"
            rows.append((f"broker {node.number}", _where(process.pid if process else None), state))
        return dataframe(rows, ["name", "where", "state"])

    @_look
    def groups(self) -> DataFrame:
        """Every group of this namespace, also those that are not the shop's: state, members, offsets and lag."""
        return kafka_tables.groups(self._scene.cluster)

    @_look
    def leaders(self) -> DataFrame:
        """One row per partition of the shop's topics: its leader, its copies, those that are in sync."""
        return kafka_tables.leaders(self._scene.cluster)

    @_look
    def transactions(self) -> DataFrame:
        """One row per transactional id of this namespace: its state; of an open one since when, in which partitions."""
        return kafka_tables.transactions(self._scene.cluster)

    @_look
    def records(self, topic: str, last: int = 30) -> DataFrame:
        """What is at the last offsets of each partition, committed or not; `written` is the broker's time."""
        return kafka_tables.records(self._scene.cluster, topic, last)

    @_look
    def orders(self) -> DataFrame:
        """The read model's table of orders."""
        return self._scene.shop.orders()

    @_look
    def metrics(self, name: str = "") -> DataFrame:
        """The numbers that Prometheus would find, those with `name` in their name: `metrics("oldest_saga")`."""
        return signals.metrics(self._scene.shop.metrics_urls, name)

    @_look
    def spans(self, order_id: str) -> DataFrame:
        """The order's trace: which service had it, from when to when, in ms since the order."""
        return signals.spans(self._scene.cluster, order_id)

    @_look
    def invariants(self) -> DataFrame:
        """What must be true of the shop, whether it is, and the first thing that breaks it. No end is late here."""
        return self._scene.invariants()[["holds", "first"]]


def _readable(process: ServiceProcess) -> Iterator[str]:
    text = process.log.read_text(encoding="utf-8", errors="replace") if process.log.exists() else ""
    yield from (readable(line)[1] for line in text.splitlines())


def _tail(file: Path, count: int) -> deque[str]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return deque((line for line in lines if not line.startswith("\tat ")), maxlen=count)


def _where(pid: int | None) -> str:
    return f"process {pid}" if pid else "–"


def _state(status: str) -> str:
    """A worker's status "stopped" would be taken for a process that is stopped."""
    return "ended" if status == "stopped" else status
