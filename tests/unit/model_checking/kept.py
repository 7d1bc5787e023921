"""Traces that were found once and are kept: each is a file in tests/traces."""

from pathlib import Path

from ecomkafka.model_checking.trace import Trace

FOLDER = Path(__file__).parents[2] / "traces"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def kept(name: str) -> Trace:
    return Trace.from_json((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
