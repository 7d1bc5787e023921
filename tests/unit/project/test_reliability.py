"""docs/reliability.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_every_file_that_proves_something_exists():
    files = set(re.findall(r"`((?:tests|benchmarks|ecomkafka)/[\w/]+\.py)`", PAGE))
    assert files
    assert [file for file in sorted(files) if not (ROOT / file).is_file()] == []


def test_every_test_that_is_named_exists():
    defined = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert named
    assert [name for name in sorted(named) if f"def {name}(" not in defined] == []
