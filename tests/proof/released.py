"""The last released version's package, kept beside its schemas: it runs beside the one that is tested."""

import tarfile
from pathlib import Path

from ecomkafka.contracts.releases import load

SCHEMAS = Path(__file__).parents[2] / "schemas"


def unpack_last_release(folder: Path) -> Path:
    """Write the package `ecomkafka` of the last release to `folder`; returns the folder."""
    with tarfile.open(SCHEMAS / load(SCHEMAS)[-1].name / "package.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder
