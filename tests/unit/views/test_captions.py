"""What stands below a figure is shown as it is written, whatever a product or a customer is called."""

import html
import json
import re
from pathlib import Path

import pytest
from nbconvert.filters import markdown2html

from ecomkafka.views import view
from ecomkafka.views.captions import caption
from ecomkafka.views.view import View, new_figure

ROOT = Path(__file__).parents[3]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
FOREIGN = [
    "A*1* $x_1$ and $y_2$ <b>bold</b> [l](u)",
    "**bold** __bold__ _a_ `code` ~~gone~~",
    "\\(x\\) \\[y\\] $$z$$ \\begin{x}",
    "![picture](http://x/y.png) <script>alert(1)</script> <!-- gone -->",
    "&lt; &amp; R&D &#36;",
    "http://example.org/a_b www.example.org ann@example.org <ann@example.org>",
    "株式会社 (東京)",
    "# 1. - + | a | b |",
    "ends with *",
    "_",
    "\\",
]


def shown(markdown: str) -> str:
    """The HTML of a caption, without its own paragraph and italics."""
    whole = markdown2html(markdown).strip()
    found = re.fullmatch(r"<p><em>(.*)</em></p>", whole, re.DOTALL)
    assert found, whole
    return found[1]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_name_in_a_caption_is_shown_as_it_is_written(name: str) -> None:
    text = f"Stock of {name} over 3 changes; at the end 1 on hand."
    inside = shown(caption(text))
    assert set(re.findall(r"<[^>]*>", inside)) <= {"<span>", "</span>"}
    assert html.unescape(re.sub(r"</?span>", "", inside)) == text


@pytest.mark.parametrize("name", FOREIGN)
def test_mathjax_finds_no_formula_in_a_caption(name: str) -> None:
    """It reads each element's text for itself."""
    for text in re.split(r"<[^>]*>", shown(caption(name))):
        assert not re.search(r"\$.*\$|\\[(\[]|\\begin", html.unescape(text))


def test_lines_of_a_name_stay_one_caption() -> None:
    assert caption("one\n\n- two\r\n# three") == "*one - two # three*"


def test_a_figure_s_caption_is_written_so(monkeypatch: pytest.MonkeyPatch) -> None:
    displayed: list[dict[str, object]] = []
    monkeypatch.setattr(view, "display", lambda data, **_: displayed.append(data))
    View(new_figure(2.0, 4.0), None, "costs $5 and $6")._ipython_display_()
    assert displayed[1] == {"text/markdown": caption("costs $5 and $6"), "text/plain": "costs $5 and $6"}


def test_the_captions_of_the_lessons_are_as_they_were() -> None:
    cells = (cell for path in NOTEBOOKS for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    captions = ["".join(one["text/markdown"]) for one in data if "text/markdown" in one]
    captions = [text for text in captions if re.fullmatch(r"\*.*\*", text)]
    assert len(captions) > 50
    assert [text for text in captions if caption(text[1:-1]) != text] == []
