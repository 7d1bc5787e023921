"""Files that only this user of the machine may read."""

import os
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Write what only this user of the machine may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
