"""A thread dump of this process, of services and of brokers: where every thread stands in a hang."""

import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import psutil

from ecomkafka.broker.node import Node
from ecomkafka.machine.file_requests import ANSWER_SECONDS, ask
from ecomkafka.operations.service_process import ServiceProcess

THREADS = "threads"
"""The question; a process that answers it does so with `own_threads`."""

_JCMD_SECONDS = 10.0
_STARTING_SECONDS = 5.0
"""A JVM ends on a request for a dump in its first seconds."""


def own_threads() -> str:
    """The stack of every thread of this process by its name; the innermost call comes last."""
    frames = sys._current_frames()
    known = {thread.ident: thread.name for thread in threading.enumerate()}
    names = {ident: name for ident, name in known.items() if ident in frames} | {
        ident: "not Python's own" for ident in frames.keys() - known.keys()
    }
    return "\n".join(f"thread {name!r}\n{_stack(frames[ident])}" for ident, name in names.items())


def _stack(frame: FrameType) -> str:
    """Without that which every thread begins with."""
    calls = [call for call in traceback.extract_stack(frame) if not call.name.startswith("_bootstrap")]
    return "".join(traceback.format_list(calls))


def threads_of_services(processes: Mapping[str, ServiceProcess]) -> dict[str, str]:
    """The dump of each service by its name, all taken at once; for one without an answer, the facts of its process."""
    text = ask(THREADS, [process.home for process in processes.values()])
    return {
        name: text.decode() if text is not None else _silent(process.pid)
        for (name, process), text in zip(processes.items(), text, strict=True)
    }


def _silent(pid: int | None) -> str:
    if pid is None:
        return "did not run"
    try:
        return f"process {pid} did not answer in {ANSWER_SECONDS:.0f} s; the system says it is {_state(pid)}"
    except psutil.Error as error:
        return f"did not answer: {error}"


def _state(pid: int) -> str:
    return psutil.Process(pid).status()


def threads_of_broker(node: Node) -> str:
    """The broker's dump by `jcmd`; without `jcmd` the reason."""
    process = node.process
    if process is None:
        return "did not run"
    try:
        if time.time() - process.create_time() < _STARTING_SECONDS:
            return "had just started"
        java = Path(process.exe())
        jcmd = java.with_name(java.name.replace("java", "jcmd"))
        if not jcmd.is_file():
            return f"{jcmd} is not there: its Java can't tell"
        return _output_of([str(jcmd), str(process.pid), "Thread.print"])
    except subprocess.TimeoutExpired:
        return f"process {process.pid} did not answer in {_JCMD_SECONDS:.0f} s"
    except (OSError, psutil.Error) as error:
        return f"did not answer: {error}"


def _output_of(command: list[str]) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_JCMD_SECONDS, check=False)
    return (done.stdout + done.stderr).decode("utf-8", "replace")
