"""Run the stages of `make test`, `make proof` or both: each whatever became of the others; a summary ends it.

    python tools/run_stages.py test proof

Exit code 1 if any stage failed. What the clients logged is not shown: PYTEST_ADDOPTS=--show-capture=all asks for it.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]


class Stage(NamedTuple):
    name: str
    arguments: tuple[str, ...]


STAGES = {
    "test": (
        Stage("tests", ("-n", "4", "--dist", "loadfile", "--ignore=tests/browser", "--ignore=tests/proof", "tests")),
        Stage("browser", ("tests/browser",)),
        Stage(
            "notebooks",
            (
                *("-n", "2", "--dist", "loadscope", "-p", "tests.own_broker", "--nbval", "--nbval-current-env"),
                *("--nbval-cell-timeout=600", "notebooks", "--ignore=notebooks/exercises"),
            ),
        ),
    ),
    "proof": (Stage("proof", ("tests/proof",)),),
}


class Result(NamedTuple):
    stage: Stage
    code: int
    seconds: float

    @property
    def line(self) -> str:
        well = self.code == pytest.ExitCode.OK
        told = "passed" if well else f"FAILED, {_meaning(self.code)}: its last lines are above"
        return f"{'✔' if well else '✘'} {self.stage.name:<10} {self.seconds:5.0f} s  {told}"


def _meaning(code: int) -> str:
    try:
        return pytest.ExitCode(code).name.lower().replace("_", " ")
    except ValueError:
        return f"exit code {code}"


def run(stage: Stage) -> Result:
    """One pytest; Ctrl-C reaches it too, and it is waited for while it cleans up."""
    print(f"\n=== {stage.name}", flush=True)
    began = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "pytest", *stage.arguments], cwd=ROOT) as child:
        code = child.wait()
    return Result(stage, code, time.monotonic() - began)


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
        print(result.line)
    if interrupted:
        print("interrupted: the other stages were not run")
    return int(bool(interrupted) or any(result.code for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["test"]))
