"""What a program owns is its own: a forked child keeps none of it, and takes none of it away."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE, eventually

GUARDED = """
import os, sys
from pathlib import Path
from ecomkafka.machine.guard import Guard

guard = Guard(Path(sys.argv[1]), delete=True)
if not os.fork():
    sys.stdin.read()
    os._exit(0)
print("forked", flush=True)
"""
CLOSES = "guard.close()"
IS_KILLED = "os.kill(os.getpid(), 9)"

FOLDER_OF_A_READ_MODEL = """
from ecomkafka.gateways.sql_tables import open_engine
engine = open_engine("sqlite://")
engine.connect().close()
folder = Path(engine.url.database).parent
"""
FOLDER_OF_JAVA = """
from ecomkafka.streams.java_folder import java_folder
folder = java_folder()
"""
FORKS = """
if not (child := os.fork()):
    sys.exit()  # with its finalizers
os.waitpid(child, 0)
print(folder.exists(), Path(f"{folder}.lock").exists())
"""


@pytest.mark.parametrize("end", [CLOSES, IS_KILLED], ids=["closes it", "is killed"])
def test_a_guard_does_its_work_while_a_forked_child_lives(tmp_path: Path, end: str) -> None:
    folder = tmp_path / "guarded"
    folder.mkdir()
    command = [sys.executable, "-c", GUARDED + end, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "forked\n"
        program.wait(PATIENCE)
        eventually(lambda: not folder.exists(), "the guard deletes the folder")


@pytest.mark.parametrize("made", [FOLDER_OF_A_READ_MODEL, FOLDER_OF_JAVA], ids=["read model", "Java"])
def test_a_temporary_folder_outlives_a_forked_child_of_its_program(made: str) -> None:
    code = f"import os, sys\nfrom pathlib import Path\n{made}{FORKS}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.split() == ["True", "True"]
