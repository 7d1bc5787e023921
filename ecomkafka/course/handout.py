"""The lessons as files: from a clone as they lie there, from an installed package copied to the student's folder."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "handout"
"""In an installed package: the folders `notebooks` and `docs` of the project."""

CLONE = Path(__file__).parents[2]

_RECORD = Path("notebooks/.handout.json")
"""In the student's folder: the checksum of each file as it was copied."""


def folder(here: Path) -> Path:
    """Where the lessons are: the clone's own folder, or `here`, to which missing ones are copied.

    Raises RuntimeError if neither a clone nor an installed package has them.
    """
    if not SHIPPED.is_dir():
        if not (CLONE / "notebooks").is_dir():
            raise RuntimeError(f"the package in {CLONE} has no lessons: install it anew, pip install 'ecomkafka[lab]'")
        return CLONE / "notebooks"
    hand_out(SHIPPED, here)
    return here / "notebooks"


def hand_out(shipped: Path, here: Path, update: bool = False) -> list[Path]:
    """Copy each shipped file that is missing `here`; the paths that were written, relative to `here`.

    With `update` a file that is newer in the package replaces one that the student has not changed. Beside a changed
    one it is written as NAME.new.SUFFIX: a student's work is never written over.
    """
    record: dict[str, str] = json.loads((here / _RECORD).read_text("utf-8")) if (here / _RECORD).exists() else {}
    written = []
    for name in _files(shipped):
        source, target = shipped / name, here / name
        sum_of_source = _checksum(source)
        if target.exists():
            if not update or record.get(name.as_posix()) == sum_of_source or _checksum(target) == sum_of_source:
                continue
            if _checksum(target) != record.get(name.as_posix()):
                target = _beside(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        record[name.as_posix()] = sum_of_source
        written.append(target.relative_to(here))
    if written:
        (here / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    return written


def _beside(target: Path) -> Path:
    """A name that is free: an earlier NAME.new.SUFFIX may have become somebody's work as well."""
    names = (target.with_suffix(f".new{number or ''}{target.suffix}") for number in count())
    return next(name for name in names if not name.exists())


def _files(shipped: Path) -> Iterator[Path]:
    return (path.relative_to(shipped) for path in sorted(shipped.rglob("*")) if path.is_file())


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
