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
