"""Foreign text is never markup, wherever a command shows it."""

import pytest

from ecomkafka.cli.output import complain, console, echo, echo_table, mark

FOREIGN = ["[/x]", "[bold]ann[/bold]", "a [red] b", "[link=x]", "\\[x]", ":smile:", "[ ]"]


@pytest.mark.parametrize("text", FOREIGN)
def test_brackets_are_shown_as_they_are(capsys, text):
    echo(f"order {text}")
    echo_table(["column [/x]"], [[text], [["list", text]]])
    complain(ValueError(f"no order {text}"))
    complain(OSError(2, "No such file", text))
    console().print(text)
    told = capsys.readouterr()
    assert told.out.count(text) >= 3
    assert told.err.count(text) == 2


def test_a_mark_is_one_sign(capsys):
    echo(mark(True), " well")
    echo_table(["", "what"], [[mark(False), "ill"]])
    out = capsys.readouterr().out
    assert "✔ well" in out
    assert "✘" in out


COMMANDS = {
    "\x1b[31mred": r"\x1b[31mred",
    "\x1b]0;title\x07": r"\x1b]0;title\x07",
    "a\x9b2Jb": r"a\x9b2Jb",
    "over\b\b\x7f": r"over\x08\x08\x7f",
    "user\u202ecod.exe": r"user\u202ecod.exe",
    "\u2066isolated\u2069": r"\u2066isolated\u2069",
}


@pytest.mark.parametrize("text", COMMANDS)
def test_what_a_terminal_would_obey_is_shown_instead(capsys, text):
    echo(f"order {text}", text)
    echo_table([f"column {text}"], [[text], [["list", text]]])
    complain(ValueError(f"no order {text}"))
    complain(OSError(2, "No such file", text))
    console().print(text)
    console().print("a", text, style="bold")
    told = capsys.readouterr()
    assert told.out.count(COMMANDS[text]) == 7
    assert told.err.count(COMMANDS[text]) == 2
    assert not any(letter in told.out + told.err for letter in text if not letter.isprintable())


@pytest.mark.parametrize("text", ["שלום", "مرحبا", "👨‍👩‍👧", "a\tb", "two\nlines", "zoë 株", "\\x1b"])
def test_what_people_write_stays_as_it_is(capsys, text):
    console().print(text)
    echo(text)
    assert capsys.readouterr().out == f"{text.expandtabs()}\n{text.expandtabs()}\n"


def test_a_reason_of_two_lines_stays_in_its_column(capsys):
    echo_table(["position", "reason"], [["dlq:0:0", "one\ntwo"]])
    assert capsys.readouterr().out.splitlines()[2].strip() == "two"


def test_the_colours_are_ours_alone(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    echo(mark(True), " \x1b[31mwell")
    out = capsys.readouterr().out
    assert "\x1b[32m✔" in out
    assert r" \x1b[31mwell" in out
