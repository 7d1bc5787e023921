"""docs/operating.md against the code: every metric is in it, and every one in it exists."""

import re
from pathlib import Path

from ecomkafka.operations.serve import MAKERS
from tests.metric_names import exported

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


def test_every_metric_is_told_and_every_one_told_exists() -> None:
    table = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `ecomkafka_"))
    assert set(re.findall(r"`(ecomkafka_\w+)`", table)) == exported()


def test_the_ports_are_those_of_serve() -> None:
    for port, service in enumerate(MAKERS, 9101):
        assert f"{service.replace('-', ' ')} {port}" in " ".join(PAGE.split())
