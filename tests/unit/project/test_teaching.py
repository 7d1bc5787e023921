"""The pages around the lessons: every word of the glossary is in its lesson, no lesson is left out, no link is dead."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]*_*.ipynb"))
NUMBER = r"\d\db?"
"""Of a lesson: 13b follows 13."""
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRY = re.compile(rf"- \*\*(.+?)\*\*: (.+) \(\[lesson ({NUMBER})\]\(\.\./notebooks/(.+?)\)\)")
PAGES = [ROOT / "docs" / "glossary.md", ROOT / "docs" / "teaching.md", ROOT / "notebooks" / "README.md"]


def prose(lesson):
    cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    return " ".join(" ".join("".join(cell["source"]).split()) for cell in cells if cell["cell_type"] == "markdown")


@pytest.fixture(scope="module")
def texts():
    return {lesson.name: prose(lesson) for lesson in LESSONS}


@pytest.fixture(scope="module")
def entries():
    lines = [line for line in GLOSSARY.splitlines() if line.startswith("- ")]
    found = [ENTRY.fullmatch(line) for line in lines]
    assert None not in found, f"not an entry: {lines[found.index(None)]}"
    return [match.groups() for match in found]


def test_every_term_is_in_the_lesson_that_it_links_to(entries, texts):
    def has(lesson, term):
        return re.search(rf"\b{re.escape(term)}(s|es)?\b", texts[lesson], re.IGNORECASE)

    assert [(term, lesson) for term, _, _, lesson in entries if not has(lesson, term)] == []
    assert [(term, number) for term, _, number, lesson in entries if not lesson.startswith(f"{number}_")] == []


def test_no_earlier_lesson_introduces_the_term(entries, texts):
    """A lesson sets a word in bold where it explains it."""
    earlier = [
        (term, other)
        for term, _, _, lesson in entries
        for other, text in texts.items()
        if other < lesson and re.search(rf"\*\*{re.escape(term)}(s|es)?\*\*", text, re.IGNORECASE)
    ]
    assert earlier == []


def test_the_glossary_is_sorted_has_no_term_twice_and_explains_in_sentences(entries):
    terms = [term.casefold() for term, *_ in entries]
    assert terms == sorted(set(terms))
    assert [term for term, text, *_ in entries if not text.endswith(".") or text[0].islower()] == []


def test_every_lesson_has_words_in_the_glossary(entries):
    assert {lesson.name for lesson in LESSONS} - {lesson for *_, lesson in entries} == set()


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_every_lesson_is_on_the_map_and_has_its_answers(lesson):
    """One answer to each of the three questions: in the lesson, one click below it, or in the notes for teachers."""
    readme = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    assert f"]({lesson.name}) |" in readme
    teaching = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    _, _, part = teaching.partition(f"](../notebooks/{lesson.name})\n")
    part = part.split("\n### ")[0]
    answered = prose(lesson).partition("For the class")[2].count("<summary>Answer</summary>")
    assert answered == 3 or re.findall(r"^(\d)\. ", part, re.MULTILINE) == ["1", "2", "3"]


def listed(page, pattern, after="", before="\0"):
    """What `pattern` finds in the lines of the page, of which only a part may be looked at."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(pattern, text[text.index(after) :].partition(before)[0], re.MULTILINE)


def test_every_list_of_the_lessons_has_the_same_lessons_in_the_same_sequence():
    """The map, the README, the notes for teachers, and the path through all sessions."""
    files = [lesson.name for lesson in LESSONS]
    assert listed("notebooks/README.md", rf"^\| {NUMBER} \| \[.+?\]\((.+?)\)", before="## Two paths") == files
    assert listed("README.md", rf"^\| {NUMBER} \| \[.+?\]\(notebooks/(.+?)\)") == files
    assert listed("docs/teaching.md", rf"^### \[{NUMBER} · .+?\]\(\.\./notebooks/(.+?)\)") == files
    assert listed("notebooks/README.md", rf"\(({NUMBER}_.+?)\)", after="| session | lessons |") == files


def test_the_map_names_what_has_to_be_read_before_and_draws_it():
    rows = listed("notebooks/README.md", rf"^\| ({NUMBER}) \| \[.+?\]\(.+?\) \| (.+?) \|", before="## Two paths")
    needed = [(before, lesson) for lesson, read in rows if read != "–" for before in read.split(", ")]
    assert all(before < lesson for before, lesson in needed)
    assert listed("notebooks/README.md", rf"^    ({NUMBER}) --> ({NUMBER})$") == [*needed, ("18", "19")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_is_dead(page):
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []
