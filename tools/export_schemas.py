"""Write schemas/events.json anew: run it after a change of a message, then read the diff."""

import json
from pathlib import Path

from ecomkafka.contracts.schema import schemas

SCHEMAS = Path(__file__).parents[1] / "schemas" / "events.json"


def main() -> None:
    SCHEMAS.parent.mkdir(exist_ok=True)
    text = json.dumps(schemas(), indent=2, ensure_ascii=False) + "\n"
    SCHEMAS.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
