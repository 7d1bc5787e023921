"""Write the floor plan's table in docs/architecture/README.md anew, from tests/floor_plan.py."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.floor_plan import SEE, drawn  # noqa: E402 - the tests are no package that is installed

PAGE = ROOT / "docs" / "architecture" / "README.md"


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = re.compile(re.escape("\n".join(SEE)) + r"\n(\|.*\n)*")
    if not table.search(text):
        sys.exit(f"{PAGE}: has no table that begins with {SEE[0]!r}")
    PAGE.write_text(table.sub(lambda _: drawn(), text), encoding="utf-8")


if __name__ == "__main__":
    main()
