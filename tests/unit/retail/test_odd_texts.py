"""Texts that are no CSV, or in an encoding that has to be found out; archives packed in rare ways; bytes at random."""

import gzip
import os
import random
import struct
import zipfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import WEEK
from tests.unit.retail.copies import CELLS, ONE, TWO, row, text, workbook

# --- the header's line


@pytest.mark.parametrize(
    "first",
    [
        '"Invoice"No,x',
        '"InvoiceNo,StockCode',
        '[{"InvoiceNo":1,"StockCode":"x"}]',
        "x" * 140_000 + ",y",
    ],
)
def test_a_first_line_that_is_no_csv_is_named(file, first):
    with pytest.raises(ValueError, match=r"retail\.csv, line \d: not CSV: "):
        load(file(f"{first}\n{text(row())}".encode()))


@pytest.mark.parametrize("blank", ["\r\n", "  \n\t\t\n", ",,,,,,,\n"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_blank_lines_before_the_header_are_passed_over_and_counted(file, blank, separator):
    blank = blank.replace(",", separator)
    content = blank + text(row(), row(quantity="six"), separator=separator)
    last = len(content.splitlines())
    with pytest.raises(ValueError, match=rf"retail\.csv, line {last}, column 'quantity': 'six'"):
        load(file(content.encode()))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"   \n", b";;;;\n"])
def test_a_file_of_blank_lines_is_empty(file, content):
    with pytest.raises(ValueError, match=r"retail\.csv is empty: a first line with the columns"):
        load(file(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.csv", gzip.compress(text(row()).encode())),
        ("a.parquet", b'PAR1\x15\x04\x15"\n' + bytes(50)),
    ],
)
def test_what_is_no_text_is_not_taken_for_a_header(file, name, content):
    with pytest.raises(ValueError, match=rf"{name} is no text in UTF-8, .*CSV is read, \.xlsx .*if the name ends so"):
        load(file(content, name))


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.zip", "a"])
def test_a_workbook_of_another_name_is_read(tmp_path, name):
    path = workbook(tmp_path / "a.xlsx", [TWO, CELLS]).rename(tmp_path / name)
    assert load(path).revenue == Decimal("20.34")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("blank", ["", "\r\n"])
def test_a_first_line_that_tells_the_separator_is_read(file, separator, blank):
    """Excel's own, which it does not show; the lines are counted with it."""
    begin = f"{blank}sep={separator}\r\n"
    assert len(load(file((begin + text(row(), separator=separator)).encode())).orders) == 1
    line = 4 if blank else 3
    with pytest.raises(ValueError, match=rf"retail\.csv, line {line}, column 'quantity': 'six'"):
        load(file((begin + text(row(quantity="six"), separator=separator)).encode()))


def test_a_line_of_spaces_is_no_row(file):
    assert load(file((text(row()) + "   \r\n" + text(row())[len(text()) :]).encode())).line_count == 2


# --- encodings


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_unicode_of_two_or_four_bytes_is_read_with_and_without_a_mark(file, encoding):
    assert load(file(text(row()).encode(encoding))).names == {"85123A": "£1 T-LIGHT"}


@pytest.mark.parametrize("rows", [1, 400])
def test_a_byte_that_is_not_in_the_marked_encoding_is_named_with_its_line(file, rows):
    """The mark says UTF-8, so no other encoding is tried: a £ in Latin-1 is a damaged line."""
    content = "\ufeff" + text(*[row()] * rows, row(name="LATIN"), *[row()] * rows)
    with pytest.raises(ValueError, match=rf"retail\.csv is not a text in utf-8, .*: line {rows + 2}: .*mend that line"):
        load(file(content.encode().replace(b"LATIN", b"\xa3")))


@pytest.mark.parametrize("rows", [1, 400])
def test_a_single_byte_in_another_encoding_is_named_with_its_line(file, rows):
    """The other letters say that it is UTF-8: read in another encoding, each of them would be spoilt."""
    content = text(*[row(name="CAFÉ")] * rows, row(name="LATIN"), *[row()] * rows)
    with pytest.raises(ValueError, match=rf"retail\.csv is not a text in utf-8.*: line {rows + 2}: .*mend that line"):
        load(file(content.encode().replace(b"LATIN", b"CAF\xc9")))
    content = text(row(name="LATIN"), *[row(name="CAFÉ")] * rows)
    with pytest.raises(ValueError, match=r"retail\.csv is not a text in utf-8.*: line 2: .*mend that line"):
        load(file(content.encode().replace(b"LATIN", b"CAF\xc9")))


@pytest.mark.parametrize("encoding", ["cp850", "shift-jis", "gb18030", "mac-roman"])
def test_an_encoding_that_is_not_known_makes_no_names(file, encoding):
    """Each has bytes here that Windows has no letter for: Latin-1 would make control characters of them."""
    name = {"cp850": "CAFÉ", "shift-jis": "　", "gb18030": "丂", "mac-roman": "Å è"}[encoding]
    with pytest.raises(ValueError, match=r"retail\.csv is no text in UTF-8, .* or Windows-1252 \(line 3\): .*as UTF-8"):
        load(file(text(row(name="X"), row(name=name)).encode(encoding)))


def test_the_letters_of_windows_are_read(file):
    name = "“5 €” – ŠKODA’S CAFÉ"
    assert load(file(text(row(name=name)).encode("cp1252"))).names == {"85123A": name}


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16"])
def test_a_file_that_can_be_read_only_once_is_read(tmp_path, encoding):
    """A pipe: `replay /dev/stdin`, `replay <(...)`."""
    os.mkfifo(tmp_path / "pipe")
    content = text(*[row()] * 400, row(name="£2")).encode(encoding)
    with ThreadPoolExecutor() as pool:
        pool.submit((tmp_path / "pipe").write_bytes, content)
        assert load(tmp_path / "pipe").line_count == 401


def test_a_text_that_ends_within_a_letter_is_named(file):
    with pytest.raises(ValueError, match=r"retail\.csv is not a text in utf-16-le, .*: line 2: truncated data"):
        load(file(text(row()).encode("utf-16")[:-1]))


# --- archives


def packed(path, method=None, flag=None):
    """A zip file whose headers say that it is packed by another method, or with another flag."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", text(row()))
    content = bytearray(path.read_bytes())
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.index(signature) + flags_at
        if flag is not None:
            content[start : start + 2] = struct.pack("<H", flag)
        if method is not None:
            content[start + 2 : start + 4] = struct.pack("<H", method)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("how", [{"method": 9}, {"method": 98}, {"flag": 1 << 5}, {"flag": 1 << 6}])
def test_a_zip_file_packed_in_a_rare_way_is_named(tmp_path, how):
    """Windows packs files over 2 GB by deflate64, method 9."""
    with pytest.raises(ValueError, match=r"a\.zip is packed in a way that is not known here \(.*unpack it first"):
        load(packed(tmp_path / "a.zip", **how))


def test_hidden_files_that_a_mac_adds_are_no_members(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("retail/.DS_Store", "__MACOSX/retail/._a.csv", "retail/a.csv"):
            archive.writestr(name, text(row()))
    assert len(load(tmp_path / "a.zip").orders) == 1


@pytest.mark.parametrize("name", ["data.csv", "data.TSV", "data.xlsx"])
def test_of_a_zip_files_members_the_one_table_is_read(tmp_path, name):
    workbook(tmp_path / "a.xlsx", [TWO, CELLS])
    content = (tmp_path / "a.xlsx").read_bytes() if name.endswith("xlsx") else text(row()).encode()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for other in ("README.txt", "Thumbs.db", "__MACOSX/._data.csv"):
            archive.writestr(other, "x")
        archive.writestr(f"retail/{name}", content)
    assert len(load(tmp_path / "a.zip").orders) == 1


def test_a_member_without_a_name_is_a_text(tmp_path):
    path = packed(tmp_path / "a.zip")
    path.write_bytes(path.read_bytes().replace(b"a.csv", b"\0.csv"))
    assert len(load(path).orders) == 1


# --- whatever it is


def spoilt(content, chance):
    """A few bytes are others, or the end is missing."""
    content = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content[: chance.randrange(len(content))] if chance.random() < 0.3 else content)


@pytest.mark.parametrize("name", ["a.csv", "a.zip", "a.xlsx", "a.csv.gz", "a.csv.xz", "b.zip"])
def test_a_spoilt_file_is_read_or_named(tmp_path, name):
    """Never a stack trace: whatever is raised is one sentence that begins with the file."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", text(*[row()] * 20))
    workbook(tmp_path / "a.xlsx", [TWO, *[CELLS] * 3])
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(tmp_path / "a.xlsx", "a.xlsx")
    (tmp_path / "a.csv").write_bytes(text(*[row()] * 20, header=ONE).encode())
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    (tmp_path / "a.csv.xz").write_bytes(WEEK.read_bytes()[:20_000])
    whole, path, chance = (tmp_path / name).read_bytes(), tmp_path / f"spoilt-{name}", random.Random(name)
    said: list[str] = []
    for _ in range(150):
        path.write_bytes(spoilt(whole, chance))
        try:
            load(path)
        except ValueError as error:
            said.append(str(error))
    assert said
    assert [one for one in said if not one.startswith(str(path))] == []
