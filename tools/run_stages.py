"""Run the stages of `make test`, `make proof` or both: each whatever became of the others; a summary ends it.

    python tools/run_stages.py test proof

The summary names each test that failed: the end of a log is enough to know. Exit code 1 if any stage failed. What the
clients logged is not shown: PYTEST_ADDOPTS=--show-capture=all asks for it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]


class Stage(NamedTuple):
    name: str
    arguments: tuple[str, ...]


KILLS = (
    "tests/chaos",
    "tests/integration/broker",
    "tests/integration/chaos",
    "tests/integration/classroom",
    "tests/integration/cli/test_dying_broker.py",
    "tests/integration/clients/test_late_requests.py",
    "tests/integration/clients/test_request_limits.py",
    "tests/integration/exercises",
    "tests/integration/http_api/test_back_pressure.py",
    "tests/integration/lessons/test_copied_week.py",
    "tests/integration/lessons/test_long_pause.py",
    "tests/integration/lessons/test_replication.py",
    "tests/integration/operations",
    "tests/integration/shop/test_fork.py",
    "tests/integration/shop/test_lifecycle.py",
    "tests/integration/shop/test_processes.py",
    "tests/integration/widgets/test_broker.py",
    "tests/integration/widgets/test_voila.py",
    "tests/notebooks/test_capstone.py",
    "tests/notebooks/test_exercises.py",
)
"""More than half of the tests' time: they crash, kill and start brokers, services, kernels and students' programs."""

LONG = (
    "notebooks/14_scale_out.ipynb",
    "notebooks/18_chaos_day.ipynb",
    "notebooks/03_replication.ipynb",
    "notebooks/02_topics_partitions_keys.ipynb",
    "notebooks/16_front_door.ipynb",
    "notebooks/13b_windows_and_joins.ipynb",
    "notebooks/01_kafka_by_hand.ipynb",
    "notebooks/solutions/capstone.ipynb",
    "notebooks/09_transactions.ipynb",
    "notebooks/17_seeing_inside.ipynb",
)
"""The longest notebooks."""

LONG_FIRST = ("--no-loadscope-reorder",)
"""Files begin as they are named, what takes long first: so no core is idle at the end."""


def _spread(workers: int, by: str = "loadfile") -> tuple[str, ...]:
    """More workers than cores: while one waits for its broker, another one works."""
    return "-n", str(workers), "--dist", by


STAGES = {
    "test": (
        Stage(
            "tests",
            (
                *(*_spread(5), *LONG_FIRST, "tests/integration", "tests"),
                *(f"--ignore={path}" for path in ("tests/browser", "tests/proof", *KILLS)),
            ),
        ),
        Stage(
            "notebooks",
            (
                *(*_spread(6, "loadscope"), "-p", "tests.own_broker", "--nbval", "--nbval-current-env"),
                *("--nbval-cell-timeout=600", *LONG_FIRST, *LONG, "notebooks", "--ignore=notebooks/exercises"),
                "--ignore=notebooks/solutions/drills.ipynb",  # ten shops: tests/proof/test_drills.py runs it
            ),
        ),
    ),
    "proof": (
        Stage("kills", (*_spread(4), *KILLS)),
        Stage("browser", ("tests/browser",)),
        Stage("proof", (*_spread(2), "tests/proof")),
    ),
}


class Result(NamedTuple):
    stage: Stage
    code: int
    seconds: float
    failed: tuple[str, ...]

    @property
    def lines(self) -> str:
        """How it ended; under it the tests that failed."""
        well = self.code == pytest.ExitCode.OK
        told = "passed" if well else f"FAILED, {_meaning(self.code)}: its last lines are above"
        head = f"{'✔' if well else '✘'} {self.stage.name:<10} {self.seconds:5.0f} s  {told}"
        return "\n".join((head, *(f"    {name}" for name in self.failed)))


def _meaning(code: int) -> str:
    try:
        return pytest.ExitCode(code).name.lower().replace("_", " ")
    except ValueError:
        return f"exit code {code}"


def run(stage: Stage) -> Result:
    """One pytest; Ctrl-C reaches it too, and it is waited for while it cleans up."""
    print(f"\n=== {stage.name}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="stage-") as folder:
        report = Path(folder) / "report.xml"
        options = (f"--junitxml={report}", "-o", "junit_family=xunit1")  # xunit2 has no room for a test's file
        with subprocess.Popen([sys.executable, "-m", "pytest", *options, *stage.arguments], cwd=ROOT) as child:
            code = child.wait()
        failed = _failed(report)
    return Result(stage, code, time.monotonic() - began, failed)


def _failed(report: Path) -> tuple[str, ...]:
    """The tests that failed, also before or after their own code; none where pytest could not write its report."""
    if not report.exists():
        return ()
    cases = ElementTree.parse(report).iter("testcase")
    bad = (case for case in cases if case.find("failure") is not None or case.find("error") is not None)
    return tuple(dict.fromkeys(f"{case.get('file') or case.get('classname')}::{case.get('name')}" for case in bad))


def main(names: list[str]) -> int:
    if unknown := [name for name in names if name not in STAGES]:
        print(f"stage {unknown[0]!r}: {', '.join(STAGES)} are allowed", file=sys.stderr)
        return 2
    os.environ["PYTHONUTF8"] = "1"
    interrupted = []
    signal.signal(signal.SIGINT, lambda *_: interrupted.append(True))
    results = []
    for stage in (stage for name in names for stage in STAGES[name]):
        if not interrupted:
            results.append(run(stage))
    print("\n=== summary")
    for result in results:
        print(result.lines)
    if interrupted:
        print("interrupted: the other stages were not run")
    return int(bool(interrupted) or any(result.code for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["test"]))
