"""Run the lessons from the top and write them back, so that nothing differs but what they say: `make notebooks`.

`python tools/run_notebooks.py [--redraw] [NOTEBOOK …]`, all of them without a name. What varies from run to run (a cell
that nbval ignores, a picture) stays as it was where no code and nothing that can be compared has changed in the whole
notebook: its numbers and pictures are always those of one run. After a change of how a picture is drawn: `--redraw`.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).parents[1]
FOLDERS = ("notebooks", "notebooks/solutions")
IGNORED = "nbval-ignore-output"
"""The tag of a cell whose output differs from run to run; its metadata say under "varies" what does."""
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_SECONDS = 120
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main(arguments: list[str]) -> int:
    os.environ["ECOMKAFKA_PREDICTIONS"] = "skip"  # nobody sits before these notebooks
    redraw = "--redraw" in arguments
    paths = [Path(name) for name in arguments if name != "--redraw"] or [
        p for f in FOLDERS for p in sorted((ROOT / f).glob("*.ipynb"))
    ]
    failed = 0
    for path in paths:
        started = time.monotonic()
        complaint = run(path, redraw)
        failed += complaint is not None
        sys.stdout.write(f"{path.stem:<28} {time.monotonic() - started:5.1f} s  {complaint or 'well'}\n")
        sys.stdout.flush()
    return 1 if failed else 0


def run(path: Path, redraw: bool = False) -> str | None:
    """Run one and write it back; what is wrong with it, if anything: then the file stays as it was."""
    before: Any = nbformat.read(path, as_version=4)
    after: Any = nbformat.read(path, as_version=4)
    for cell in code_cells(after):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        after,
        timeout=CELL_SECONDS,
        iopub_timeout=CELL_SECONDS,  # by default it goes on without what a busy machine has not shown after 4 s
        raise_on_iopub_timeout=True,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
        extra_arguments=["--log-level=ERROR"],  # it would warn that it listens on the loopback
    )
    try:
        client.execute()
    except CellExecutionError as error:
        return f"a cell failed: {error.ename}: {error.evalue}"
    except TimeoutError:
        return f"a cell took more than {CELL_SECONDS} s"
    if noise := [cell for cell in code_cells(after) if any(o.get("name") == "stderr" for o in cell.outputs)]:
        return f"a cell writes to stderr: {noise[0].source.splitlines()[0]}"
    normalise(after)
    if not redraw:
        keep(before, after)
    drop_widgets(after)
    nbformat.write(after, path)
    return None


def normalise(notebook: Any) -> None:
    """Ids by place, no times, no state of widgets, the same kernel on every machine."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k != "execution"})
        for output in cell.get("outputs", []):
            output.pop("transient", None)


def keep(before: Any, after: Any) -> None:
    """Keep the former run's outputs if all that can be compared agrees: all of them, for a table of one run beside a
    picture of another contradict each other.
    """
    old, new = code_cells(before), code_cells(after)
    if [told(cell) for cell in old] == [told(cell) for cell in new]:
        for cell, other in zip(new, old, strict=True):
            cell.outputs = other.outputs


def drop_widgets(notebook: Any) -> None:
    """Keep of a panel what it showed: JupyterLab would show its widget, and the kernel that it was in has ended."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET, None)


def told(cell: Any) -> tuple[str, int | None, list[Any]]:
    return cell.source, cell.execution_count, comparable(cell)


def comparable(cell: Any) -> list[Any]:
    """What of its outputs has to be the same on every run."""
    if IGNORED in cell.metadata.get("tags", ()):
        return []
    return [
        output.get("text") or {k: v for k, v in output.get("data", {}).items() if not k.startswith("image/")}
        for output in cell.outputs
    ]


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
