"""`make exercises` in a folder in which somebody works."""

import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # nbgrader's and its libraries' own
    from tools import make_exercises


def test_making_the_students_copies_leaves_their_own_notebooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "copies" / "my-notes.ipynb"
    own.parent.mkdir()
    own.touch()
    (tmp_path / "masters").mkdir()
    monkeypatch.setattr(make_exercises, "MASTERS", tmp_path / "masters")
    monkeypatch.setattr(make_exercises, "COPIES", tmp_path / "copies")
    assert make_exercises.main() == 0
    assert set((tmp_path / "copies").iterdir()) == {own}
    assert "my-notes.ipynb has no master" in capsys.readouterr().out
