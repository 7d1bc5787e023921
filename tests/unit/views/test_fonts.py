"""What is written in a figure is shown as it is written."""

import warnings

import pytest
from matplotlib.text import Text

from ecomkafka.views.view import View, new_figure


def drawn(title):
    """The title as it is drawn; a warning is an error."""
    figure = new_figure(2.0, 4.0)
    axes = figure.subplots()
    axes.set_title(title)
    axes.set_yticks([0], [title])
    axes.bar([title, "other"], [1, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        View(figure, None, title).png()
    return axes.title


@pytest.mark.parametrize("title", ["costs $5 and $6", "a_b^c \\alpha", "zoë Ω ж ✔", "two\nlines", "$", "$x"])
def test_what_the_font_has_is_drawn_as_it_is(title):
    text = drawn(title)
    assert text.get_text() == title
    assert not text.get_parse_math()


@pytest.mark.parametrize("title", ["株式会社", "order 株 of ann", "\U0001fae8", "a\u200db\ufe0f"])
def test_a_letter_without_a_font_is_readable_and_warns_nobody(title):
    text = drawn(title).get_text()
    for letter in title:
        assert letter in text or f"U+{ord(letter):04X}" in text or letter in "\u200d\ufe0f"


def test_every_text_of_a_figure_is_lettered():
    figure = new_figure(2.0, 4.0)
    axes = figure.subplots()
    axes.plot([1], label="$a$")
    axes.legend(title="$b$")
    View(figure, None, "").png()
    assert not any(text.get_parse_math() for text in figure.findobj(Text))


def test_labels_may_be_numbers():
    figure = new_figure(2.0, 4.0)
    axes = figure.subplots()
    axes.set_xticks([0, 1], [8, 9])
    View(figure, None, "").png()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["8", "9"]
