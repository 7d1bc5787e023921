"""What `make` says where the Python that it finds is of no use: one sentence, and nothing is made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = ("Makefile", "requirements.txt", "pyproject.toml", "tools/check_python.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that make reads, and no .venv."""
    folder = tmp_path / "checkout"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def make(checkout: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("make")
    assert program is not None, "make is what is tested here"
    return subprocess.run(
        [program, *arguments],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def python(folder: Path, name: str, before: str) -> Path:
    """This Python under another name, and not itself: `before` runs before the script that it is given."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    code = f"import runpy, sys\n{before}\ndel sys.argv[0]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"
    path.write_text(f"#!{sys.executable}\n{code}", encoding="utf-8")
    path.chmod(0o755)
    return path


OLD = "sys.version_info = (3, 10, 13, 'final', 0)"


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (
            OLD,
            "Python 3.11 or newer is needed, and python3 is Python 3.10.13: "
            "name another one, for example: make demo PYTHON=python3.12",
        ),
        (
            "sys.modules['ensurepip'] = None",
            "python3 can't make .venv, since its module ensurepip is missing: install it (Debian: apt-get install "
            "python3-venv), or name another one, for example: make demo PYTHON=python3.12",
        ),
    ],
)
def test_a_python_that_is_of_no_use_is_named_in_one_sentence(checkout: Path, before: str, sentence: str) -> None:
    python(checkout.parent / "bin", "python3", before)
    done = make(checkout, "demo", PATH=f"{checkout.parent / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 2
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert f"*** {sentence}.  Stop." in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_python_that_is_not_there_is_named_in_one_sentence(checkout: Path) -> None:
    for goal in ("demo", "help"):
        done = make(checkout, goal, "PYTHON=python3.99")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "*** no Python 3.11 or newer runs as 'python3.99': install one, or name it" in done.stderr


@pytest.mark.parametrize("program", ["echo", "cat", "true"])
def test_a_program_that_is_no_python_is_named_in_one_sentence(checkout: Path, program: str) -> None:
    done = make(checkout, "demo", f"PYTHON={program}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"*** no Python 3.11 or newer runs as '{program}': install one, or name it" in done.stderr


def test_make_needs_no_program_but_python(checkout: Path) -> None:
    empty = checkout.parent / "empty"
    empty.mkdir()
    done = make(checkout, "help", f"PYTHON={sys.executable}", PATH=str(empty))
    assert (done.returncode, done.stderr) == (0, "")
    assert "make demo" in done.stdout


def test_a_venv_that_an_old_python_has_begun_is_made_anew(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(python(checkout.parent / "bin", "python3", OLD))
    done = make(checkout, "-n", "demo", f"PYTHON={sys.executable}")
    assert done.stdout.splitlines()[0] == f"{sys.executable} -m venv --clear .venv"


def test_a_venv_whose_python_is_gone_is_made_anew_and_a_whole_one_is_left(checkout: Path) -> None:
    bin_folder = checkout / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    (checkout / ".venv" / "ready").touch()
    (bin_folder / "python").symlink_to(checkout / "gone")
    assert "-m venv --clear" in make(checkout, "-n", "demo", f"PYTHON={sys.executable}").stdout
    (bin_folder / "python").unlink()
    (bin_folder / "python").symlink_to(sys.executable)
    assert "--clear" not in make(checkout, "-n", "-W", "pyproject.toml", "demo", f"PYTHON={sys.executable}").stdout
    assert make(checkout, "-n", "demo", f"PYTHON={sys.executable}").stdout == ".venv/bin/ecomkafka demo \n"
