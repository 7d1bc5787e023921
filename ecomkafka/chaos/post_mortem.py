"""The folder that a failed chaos run leaves: everything from which its cause can be found."""

import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pandas as pd
import psutil
from kafka.errors import KafkaError

from ecomkafka.chaos.plan import Step
from ecomkafka.chaos.process_shop import ProcessShop
from ecomkafka.chaos.result import RECOVERY_SECONDS, ChaosResult
from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import lags
from ecomkafka.machine.home import home
from ecomkafka.operations.thread_dump import own_threads, threads_of_broker, threads_of_services

_CONTENTS = """
What is here
  plan.json          the faults as they were planned: when, what, at whom, for how long
  faults.csv         the faults as they were, and after how many seconds orders flowed again
  timeline.csv/.png  orders, lag and faults in each second
  invariants.csv     what must be true, and what breaks it
  dangers.csv        what the faults met: orders by the state of their saga, processes by the point of their loop
  trace.csv          the shortest story of an order that went wrong, if there is one
  threads/           where each thread of each service, broker and of the run stood when orders had not flowed for
                     {recovery:.0f} s, and the lags then: one folder a standstill
  logs/              of all services and brokers
"""


class PostMortem:
    """Collects evidence during the run; `write` completes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_written = False
        self._stalls: list[str] = []
        self._traceback = ""

    def look(self, shop: ProcessShop, at: float, why: str) -> None:
        """Write down the stacks of all threads, because orders do not flow."""
        folder = self.folder / "threads" / f"after-{at:.0f}s"
        folder.mkdir(parents=True)
        self._stalls.append(f"{why}: threads/{folder.name}; {_load()}")
        sources: dict[str, Callable[[], str]] = {"lags": lambda: _lags(shop.cluster)}
        for node in shop.broker.nodes:
            sources[f"node-{node.number}"] = lambda node=node: threads_of_broker(node)  # type: ignore[misc]
        with ThreadPoolExecutor(len(sources)) as pool:
            answers = {name: pool.submit(read) for name, read in sources.items()}
            texts = {"the-run": own_threads()} | threads_of_services(shop.running)
            texts |= {name: answer.result() for name, answer in answers.items()}
        for name, text in texts.items():
            (folder / f"{name}.txt").write_text(f"{why}\n\n{text}\n", encoding="utf-8")

    def collect(self, shop: ProcessShop) -> None:
        """Copy the logs, which end with the shop."""
        (self.folder / "logs").mkdir()
        for name, log in shop.logs().items():
            if log.exists():
                shutil.copyfile(log, self.folder / "logs" / name)

    def note(self, error: Exception) -> None:
        """Note the error that has ended the run early."""
        self._traceback = "".join(traceback.format_exception(error))

    def write(self, result: ChaosResult, plan: Sequence[Step]) -> ChaosResult:
        """Write what the run showed; the result then knows the folder."""
        self.is_written = True
        plans = msgspec.json.encode([step._asdict() for step in plan])
        (self.folder / "plan.json").write_bytes(msgspec.json.format(plans))
        (self.folder / "timeline.png").write_bytes(result.png)
        tables = {"timeline": result.timeline, "invariants": result.invariants, "dangers": result.dangers}
        for name, table in tables.items():
            table.to_csv(self.folder / f"{name}.csv")
        result.faults.to_csv(self.folder / "faults.csv", index=False)
        if result.trace is not None:
            result.trace.to_csv(self.folder / "trace.csv", index=False)
        (self.folder / "summary.txt").write_text(self._summary(result), encoding="utf-8")
        return replace(result, folder=self.folder)

    def _summary(self, result: ChaosResult) -> str:
        story = f"\n\nThe shortest story of an order that went wrong is that of {result.wrong}." if result.wrong else ""
        command = f"ecomkafka chaos --seconds {result.seconds:g} --seed {result.seed} --brokers {result.brokers}"
        command += (" --gateway" if result.gateway else "") + (" --tls" if result.tls else "")
        parts = [
            (f"`{command}` failed:", _what_failed(result)),
            (f"Orders did not flow for {RECOVERY_SECONDS:.0f} s:", self._stalls or ["never"]),
            ("Services that ended by themselves:", list(result.deaths) or ["none"]),
        ]
        text = "\n\n".join("\n".join((title, *(f"  {line}" for line in lines))) for title, lines in parts)
        trouble = f"\n\n{self._traceback}" if self._traceback else ""
        return f"{text}{story}{trouble}\n{_CONTENTS.format(recovery=RECOVERY_SECONDS)}"


@contextmanager
def post_mortem(seed: int) -> Iterator[PostMortem]:
    """A new folder in the home folder, deleted at the end of the block unless it was written."""
    runs = home() / "chaos"
    runs.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{datetime.now(UTC):%Y-%m-%d-%H%M}-seed-{seed}-", dir=runs))
    made = PostMortem(folder)
    try:
        yield made
    finally:
        if not made.is_written:
            shutil.rmtree(folder)


def _what_failed(result: ChaosResult) -> list[str]:
    failed = [f"the run did not come to its end: {result.failure}"] if result.failure else []
    broken = result.invariants[result.invariants["holds"].eq(False)]
    failed += [f"{name} is broken {row['violations']} times: {row['first']}" for name, row in broken.iterrows()]
    slow = result.faults[result.faults["recovered after"].fillna(float("inf")) > RECOVERY_SECONDS]
    for row in slow.to_dict("records"):
        after = row["recovered after"]
        flowed = "orders did not flow again" if pd.isna(after) else f"orders flowed again after {after:.1f} s"
        failed.append(f"{row['fault']} {row['target']} at {row['at']:.1f} s: {flowed}")
    return failed or ["no fault struck: nothing is proved"]


def _load() -> str:
    """The machine's load: a busy machine looks like a hang, too."""
    last_minute, *_ = psutil.getloadavg()
    return f"{last_minute:.1f} programs at a time wanted one of {psutil.cpu_count()} cores in the minute before"


def _lags(cluster: Cluster) -> str:
    try:
        return pd.DataFrame(lags(cluster)).to_string()
    except (KafkaError, ConnectionError, TimeoutError) as error:
        return f"the broker does not tell: {type(error).__name__}: {error}"
