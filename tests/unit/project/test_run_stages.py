"""`make test`: every stage runs, whatever became of the others, and the summary says how each ended."""

from pathlib import Path

import pytest

from tools import run_stages
from tools.run_stages import STAGES, Stage

ROOT = Path(__file__).parents[3]


@pytest.fixture
def stages(tmp_path, monkeypatch):
    """Stages of one test file each, in the order given: its text."""
    monkeypatch.setattr(run_stages, "ROOT", tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # most of a small pytest's time is the import of plugins
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --show-capture=no\n", encoding="utf-8")

    def make(**texts):
        found = []
        for name, text in texts.items():
            (tmp_path / f"test_{name}.py").write_text(text, encoding="utf-8")
            found.append(Stage(name, (f"test_{name}.py", "-q", "-p", "no:cacheprovider")))
        monkeypatch.setattr(run_stages, "STAGES", {"test": tuple(found)})

    return make


FAILS = """import logging
def test_it():
    logging.getLogger("kafka").warning("a line of %s", "the client")
    assert 1 == 2
"""


def test_a_stage_that_fails_keeps_no_other_from_running(stages, capfd):
    stages(first=FAILS, second="def test_it(): pass")
    assert run_stages.main(["test"]) == 1
    out = capfd.readouterr().out
    assert "1 failed" in out
    assert "1 passed" in out
    summary = out[out.index("=== summary") :].splitlines()
    assert [line.split()[:2] for line in summary[1:]] == [
        ["✘", "first"],
        ["test_first.py::test_it"],
        ["✔", "second"],
    ]
    assert "a line of the client" not in out


BREAKS = """import pytest
@pytest.fixture
def broken():
    yield
    assert 1 == 2
def test_it(broken): assert 2 == 3
@pytest.mark.parametrize("number", [1, 2])
def test_odd(number): assert number % 2
"""


def test_the_summary_names_what_failed_on_the_way_in_or_out_and_what_could_not_be_read(stages, capfd):
    stages(first=BREAKS, second="import nothing_of_that_name")
    assert run_stages.main(["test"]) == 1
    out = capfd.readouterr().out
    named = [line.strip() for line in out[out.index("=== summary") :].splitlines() if line.startswith("    ")]
    assert named[:2] == ["test_first.py::test_it", "test_first.py::test_odd[2]"]
    assert "test_second" in named[2]


def test_all_is_well_if_every_stage_is(stages, capfd):
    stages(first="def test_it(): pass", second="def test_it(): pass")
    assert run_stages.main(["test"]) == 0


def test_a_stage_without_a_test_is_no_success(stages, capfd):
    stages(first="")
    assert run_stages.main(["test"]) == 1
    assert "no tests collected" in capfd.readouterr().out


def test_an_unknown_stage_is_named(capsys):
    assert run_stages.main(["tests"]) == 2
    assert "stage 'tests': test, proof are allowed" in capsys.readouterr().err


def _runs(stage: Stage, file: str) -> bool:
    """Whether the stage runs the tests of this file; the longest path in its arguments decides."""
    said = {a.removeprefix("--ignore="): not a.startswith("--ignore=") for a in stage.arguments if "tests" in a}
    covering = [path for path in said if f"{file}/".startswith(f"{path}/")]
    return bool(covering) and said[max(covering, key=len)]


def test_each_file_of_tests_is_in_one_stage():
    every = [stage for stages in STAGES.values() for stage in stages]
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")]
    assert {file: sum(_runs(stage, file) for stage in every) for file in files} == dict.fromkeys(files, 1)


def test_a_stage_names_only_what_there_is():
    every = [argument for stages in STAGES.values() for stage in stages for argument in stage.arguments]
    paths = [path for a in every if "/" in (path := a.removeprefix("--ignore="))]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
