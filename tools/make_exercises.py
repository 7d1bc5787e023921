"""Make the students' copies, `notebooks/exercises/`, from the masters in `notebooks/solutions/`: `make exercises`.

nbgrader's own preprocessors take out what lies between `### BEGIN SOLUTION` and `### END SOLUTION`, and the outputs.
"""

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import ClearOutput, ClearSolutions

ROOT = Path(__file__).parents[1]
MASTERS, COPIES = ROOT / "notebooks/solutions", ROOT / "notebooks/exercises"


def main() -> int:
    COPIES.mkdir(exist_ok=True)
    masters = {path.name: path for path in sorted(MASTERS.glob("*.ipynb"))}
    for path in sorted(COPIES.glob("*.ipynb")):
        if path.name not in masters:  # of a master that is gone, or somebody's own
            sys.stdout.write(f"{path.name} has no master: delete it, unless it is your own\n")
    for name, master in masters.items():
        (COPIES / name).write_text(copy_of(master), encoding="utf-8", newline="\n")
        sys.stdout.write(f"{name}\n")
    return 0


def copy_of(master: Path) -> str:
    """The student's copy of it, as the text of a notebook file."""
    notebook: Any = nbformat.read(master, as_version=4)
    for preprocessor in (ClearSolutions(), ClearOutput()):
        notebook, _ = preprocessor.preprocess(notebook, {})
    return nbformat.writes(notebook) + "\n"


if __name__ == "__main__":
    sys.exit(main())
