"""The master of the drills from its first cell to its last: all ten cases, also those with a Kafka of their own."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

MASTER = Path(__file__).parents[2] / "notebooks/solutions/drills.ipynb"
SECONDS = 300
"""For a cell: what hangs is stopped, and no test fails because a machine is slow."""

EVIDENCE = {"still": "stopped", "leader": "inventory.responses:0", "disk": "java.io.IOException"}


def text_of(cell):
    """What a cell shows, as text."""
    outputs = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join(outputs)


@pytest.mark.timeout(1200)
def test_each_drill_of_the_master_shows_its_evidence_and_is_cured(broker, monkeypatch):
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    notebook = nbformat.read(MASTER, as_version=4)
    NotebookClient(notebook, timeout=SECONDS, iopub_timeout=SECONDS, kernel_name="python3").execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for ending in ("drill.answer(cause, cure)", "drill.check()"):
        told = [text_of(cell) for cell in cells if cell.source.endswith(ending)]
        assert len(told) == 10
        assert [text for text in told if not re.search("^✅ correct", text, re.MULTILINE)] == []
    shown = "\n".join(text_of(cell) for cell in cells if cell.source.startswith("### BEGIN"))
    assert [case for case, evidence in EVIDENCE.items() if evidence not in shown] == []
