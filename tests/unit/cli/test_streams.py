"""What a stream gets that can't show a sign, or is closed."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from rich.text import Text

from ecomkafka.cli import main
from ecomkafka.cli.output import echo, mark
from ecomkafka.cli.streams import prepare_streams


def echoed(encoding: str, *parts: str | Text) -> str:
    """What arrives of `parts` on a stdout of that encoding."""
    stream = TextIOWrapper(BytesIO(), encoding=encoding, write_through=True)
    with redirect_stdout(stream):
        prepare_streams()
        echo(*parts)
    stream.seek(0)
    return stream.read()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
def test_what_an_encoding_lacks_is_told_in_ascii(encoding: str) -> None:
    assert echoed(encoding, mark(True), " Java") == "ok Java\n"
    assert echoed(encoding, mark(False), " disk → free some") == "FAIL disk -> free some\n"
    assert echoed(encoding, "张.csv, Ł.csv") == "\\u5f20.csv, \\u0141.csv\n"
    assert echoed(encoding, "🛒 order created, ⚠️ insufficient stock") == "? order created, ?? insufficient stock\n"


def test_utf_8_gets_everything_as_it_is() -> None:
    assert echoed("utf-8", mark(True), " 张 🛒") == "✔ 张 🛒\n"


@pytest.mark.parametrize(
    ("command", "code"), [(("status",), 0), (("status", "--json"), 0), (("create-order", "--item", "x"), 2)]
)
def test_a_command_whose_output_is_closed_does_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], code: int
) -> None:
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))
    monkeypatch.delenv("ECOMKAFKA_BOOTSTRAP", raising=False)
    monkeypatch.setattr(sys, "argv", ["ecomkafka", *command])
    with redirect_stdout(None), redirect_stderr(None):
        with pytest.raises(SystemExit) as end:
            main()
        for stream in (sys.stdout, sys.stderr):
            stream.close()
    assert end.value.code == code
