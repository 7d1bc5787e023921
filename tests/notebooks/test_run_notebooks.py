"""The command that runs the lessons writes back what nbval compares, and nothing that differs from run to run."""

import json
from pathlib import Path

import nbformat
import pytest

from tools import run_notebooks

ROOT = Path(__file__).parents[2]
VARIES = "import time; time.time_ns()"
PICTURE = """from IPython.display import display
import time
display({"image/png": str(time.time_ns()), "text/plain": "a picture"}, raw=True)"""


def notebook(folder: Path, *sources: str) -> Path:
    path = folder / "lesson.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells:
        if cell.source == VARIES:
            cell.metadata["tags"] = [run_notebooks.IGNORED]
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A"), *cells]), path)
    return path


def test_it_writes_back_one_form(tmp_path: Path) -> None:
    path = notebook(tmp_path, "1 + 1", "2 + 2")
    assert run_notebooks.run(path) is None
    written = json.loads(path.read_text(encoding="utf-8"))
    assert [cell["id"] for cell in written["cells"]] == ["cell-00", "cell-01", "cell-02"]
    assert [cell.get("execution_count") for cell in written["cells"]] == [None, 1, 2]
    assert written["cells"][1]["outputs"][0]["data"] == {"text/plain": ["2"]}
    assert written["cells"][1]["metadata"] == {}
    assert written["metadata"] == run_notebooks.METADATA


def test_a_second_run_changes_nothing_and_redraw_writes_the_new_run(tmp_path: Path) -> None:
    path = notebook(tmp_path, VARIES, PICTURE)
    assert run_notebooks.run(path) is None
    first = path.read_bytes()
    assert run_notebooks.run(path) is None
    assert path.read_bytes() == first
    assert run_notebooks.main(["--redraw", str(path)]) == 0
    before, after = (nbformat.reads(text.decode(), as_version=4).cells for text in (first, path.read_bytes()))
    assert before[1].outputs != after[1].outputs
    assert before[2].outputs != after[2].outputs


def test_after_a_change_all_outputs_are_those_of_one_run(tmp_path: Path) -> None:
    path = notebook(tmp_path, VARIES, PICTURE, "40 + 1")
    assert run_notebooks.run(path) is None
    changed = nbformat.read(path, as_version=4)
    first = [cell.get("outputs") for cell in changed.cells]
    changed.cells[3].source = "40 + 2"
    nbformat.write(changed, path)
    assert run_notebooks.run(path) is None
    second = [cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells]
    assert [old != new for old, new in zip(first, second, strict=True)] == [False, True, True, True]


def test_a_change_of_prose_changes_no_output(tmp_path: Path) -> None:
    path = notebook(tmp_path, VARIES, PICTURE)
    assert run_notebooks.run(path) is None
    changed = nbformat.read(path, as_version=4)
    changed.cells[0].source = "# B"
    nbformat.write(changed, path)
    first = path.read_bytes()
    assert run_notebooks.run(path) is None
    assert path.read_bytes() == first


def test_of_a_panel_only_its_picture_is_kept(tmp_path: Path) -> None:
    """JupyterLab would show the widget, and its kernel has ended."""
    path = notebook(tmp_path, "from ipywidgets import IntText\nIntText(7)")
    assert run_notebooks.run(path) is None
    assert list(nbformat.read(path, as_version=4).cells[1].outputs[0].data) == ["text/plain"]
    assert [p.name for p in ROOT.glob("notebooks/**/*.ipynb") if run_notebooks.WIDGET in p.read_text("utf-8")] == []


def test_a_cell_that_was_changed_is_written_anew(tmp_path: Path) -> None:
    path = notebook(tmp_path, "40 + 1")
    assert run_notebooks.run(path) is None
    changed = nbformat.read(path, as_version=4)
    changed.cells[1].source = "40 + 2"
    nbformat.write(changed, path)
    assert run_notebooks.run(path) is None
    assert nbformat.read(path, as_version=4).cells[1].outputs[0].data["text/plain"] == "42"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("1 / 0", "a cell failed: ZeroDivisionError: division by zero"),
        ("import sys\nsys.stderr.write('noise')", "a cell writes to stderr: import sys"),
        ("import warnings\nwarnings.warn('old', stacklevel=1)", "a cell writes to stderr: import warnings"),
    ],
)
def test_what_is_wrong_is_said_and_the_file_stays(
    source: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(tmp_path, source)
    before = path.read_bytes()
    assert run_notebooks.main([str(path)]) == 1
    assert complaint in capsys.readouterr().out
    assert path.read_bytes() == before
