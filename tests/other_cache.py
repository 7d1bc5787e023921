"""A cache in a folder of any name, filled from that of this machine."""

import os
from pathlib import Path

from ecomkafka.machine.home import cache

ANY_NAME = "Ü张éı, 50%i #1=\\ ${sys:user.home} a:b!  " if os.name != "nt" else "Ü张éı, 50%i #1=!"
"""A name with all that programs have stumbled over."""


def fill(folder: Path) -> None:
    """Give `folder` all jars, and nothing else."""
    for path in (cache() / "jars").rglob("*"):
        if path.is_file():
            link = folder / "jars" / path.relative_to(cache() / "jars")
            link.parent.mkdir(parents=True, exist_ok=True)
            if path.stat().st_dev == link.parent.stat().st_dev:
                os.link(path, link)
            else:
                link.write_bytes(path.read_bytes())
