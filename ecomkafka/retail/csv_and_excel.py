"""Any file as tables of text: CSV or Excel, plain or packed."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from ecomkafka.retail import excel
from ecomkafka.retail.delimited import delimited
from ecomkafka.retail.table import Table

_PACKED: dict[str, Callable[..., IO[bytes]]] = {
    ".gz": cast("Callable[..., IO[bytes]]", gzip.open),
    ".xz": cast("Callable[..., IO[bytes]]", lzma.open),
    ".bz2": cast("Callable[..., IO[bytes]]", bz2.open),
}
_TEXTS = (".csv", ".tsv")


@contextmanager
def tables(path: Path) -> Iterator[Iterator[Table]]:
    """The tables of a file, one after the other; it is read once, since it may be a pipe.

    Raises ValueError that names what is wrong, OSError.
    """
    with ExitStack() as opened, _readable(path):
        name, content = _unpacked(path)
        where = str(path) if name == path.name else f"{path}: {name}"
        if _is_excel(name) or excel.is_workbook(content):
            yield excel.sheets(where, content, opened)
        else:
            yield iter([delimited(where, content)])


def _is_excel(name: str) -> bool:
    return Path(name).suffix.lower() in excel.SUFFIXES


def _unpacked(path: Path) -> tuple[str, bytes]:
    """The name that says what is inside, and the bytes."""
    suffix = path.suffix.lower()
    if suffix in _PACKED:
        with _PACKED[suffix](path, "rb") as stream:
            return path.stem, stream.read()
    content = path.read_bytes()
    if suffix == ".zip" and not excel.is_workbook(content):
        return _member(path)
    return path.name, content


def _member(path: Path) -> tuple[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        # A Mac adds hidden ones: __MACOSX/._data.csv, .DS_Store.
        files = [
            m for m in packed.infolist() if not m.filename.endswith("/") and not Path(m.filename).name.startswith(".")
        ]
        # A licence, a picture, Windows's Thumbs.db may lie beside the table.
        members = [m for m in files if _is_excel(m.filename) or Path(m.filename).suffix.lower() in _TEXTS] or files
        if len(members) != 1:
            names = ", ".join(member.filename for member in members[:5]) or "nothing"
            raise ValueError(f"{path} has {len(members)} members ({names}): unpack it, and name one of them")
        if members[0].flag_bits & 1:
            raise ValueError(f"{path}: {members[0].filename} is encrypted: unpack it with its password first")
        return Path(members[0].filename).name, packed.read(members[0])


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is damaged or not a {path.suffix} file: {error}") from error
    except NotImplementedError as error:  # zipfile, of a way to pack that it doesn't know
        raise ValueError(f"{path} is packed in a way that is not known here ({error}): unpack it first") from error
    except OSError as error:
        if error.filename is None:  # bz2 says so of what it can't unpack
            raise ValueError(f"{path} is damaged or not a {path.suffix} file: {error}") from error
        raise
