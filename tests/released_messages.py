"""The types of the last release's messages, as its own code has them: read from the package that is kept of it."""

import importlib.util
import tarfile
from functools import cache
from pathlib import Path
from types import ModuleType

from ecomkafka.contracts.releases import load

SCHEMAS = Path(__file__).parents[1] / "schemas"


@cache
def released_messages(folder: Path) -> ModuleType:
    """The module `messages` of the last release, unpacked to `folder`: it imports nothing of the rest."""
    release = load(SCHEMAS)[-1].name
    with tarfile.open(SCHEMAS / release / "package.tar.xz") as archive:
        archive.extract("ecomkafka/messages.py", folder, filter="data")
    spec = importlib.util.spec_from_file_location(f"messages_{release}", folder / "ecomkafka" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
