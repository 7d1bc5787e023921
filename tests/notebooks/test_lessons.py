"""Every lesson has the shape of a lesson, was run from the top, and says nothing that it does not show."""

import ast
import builtins
import re
from pathlib import Path

import nbformat
import pytest

from ecomkafka.course import quiz

ROOT = Path(__file__).parents[2]
IGNORED = "nbval-ignore-output"
CHECK = "check"
"""The tag of a cell that nbval and CI need and a student does not: it is collapsed."""
LONGEST = 12
SLOW_NEIGHBOURS = {"16_front_door"}
"""Lessons that play a service which takes its time; everywhere else a cell waits on a condition."""
LESSONS = sorted((ROOT / "notebooks").glob("[01][0-9]*_*.ipynb"))
TEACHING = [path for path in LESSONS if "00" < path.name[:2] <= "18"]
"""All but the first look and the shop floor: these have a failure first, questions and sources."""

every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
every_teaching_lesson = pytest.mark.parametrize("path", TEACHING, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def visible(path, kind="code"):
    return [cell for cell in cells(path, kind) if CHECK not in cell.metadata.get("tags", ())]


def prose(path):
    return "\n".join(cell.source for cell in cells(path, "markdown"))


@every_lesson
def test_every_code_cell_was_run_in_order(path):
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))


@every_lesson
def test_nothing_failed_and_nothing_is_on_stderr(path):
    for cell in cells(path, "code"):
        assert [o for o in cell.outputs if o.output_type == "error" or o.get("name") == "stderr"] == [], cell.source


@every_lesson
def test_a_code_cell_fits_on_a_slide(path):
    assert [cell.source for cell in visible(path) if len(cell.source.splitlines()) > LONGEST] == []


@every_lesson
def test_a_check_is_collapsed_and_shows_nothing(path):
    for cell in cells(path, "code"):
        if CHECK in cell.metadata.get("tags", ()):
            assert cell.metadata.jupyter.source_hidden, cell.source
            assert cell.outputs == [], cell.source
            assert any(isinstance(node, ast.Assert) for node in ast.parse(cell.source).body), cell.source


@every_lesson
def test_a_cell_that_ignores_its_output_says_what_varies(path):
    for cell in cells(path, "code"):
        assert "NBVAL" not in cell.source, cell.source
        ignored = IGNORED in cell.metadata.get("tags", ())
        assert ignored == bool(re.fullmatch(r"[A-Z].{9,}\.", cell.metadata.get("varies", ""))), cell.source


@every_lesson
def test_a_cell_waits_on_a_condition_and_looks_at_nothing_private(path):
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Attribute):
                assert node.attr != "sleep" or path.stem in SLOW_NEIGHBOURS, cell.source
                private = node.attr.startswith("_") and not node.attr.startswith("__")
                assert not private or (isinstance(node.value, ast.Name) and node.value.id == "self"), cell.source


@every_lesson
def test_notebooks_are_written_back_in_one_form(path):
    notebook = nbformat.read(path, as_version=4)
    assert [cell.id for cell in notebook.cells] == [f"cell-{number:02d}" for number in range(len(notebook.cells))]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert not any("execution" in cell.metadata for cell in notebook.cells)


@every_lesson
def test_links_to_files_lead_somewhere(path):
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose(path)):
        assert "://" in link or (path.parent / link).exists(), link


@every_lesson
def test_the_title_has_the_number_of_the_file(path):
    assert re.match(rf"# {path.name.partition('_')[0]} · \w", prose(path))


@every_teaching_lesson
def test_the_numbers_behind_a_picture_are_asserted_nearby(path):
    code = cells(path, "code")
    drawn = [n for n, cell in enumerate(code) if any("image/png" in o.get("data", {}) for o in cell.outputs)]
    assert 3 <= len(drawn) <= 5
    for number in drawn:
        near = code[max(0, number - 5) : number + 6]
        asserted = asserted_names("\n".join(cell.source for cell in near))
        assert behind_the_picture(code[number].source) & asserted, code[number].source


def asserted_names(source):
    """The variables of its asserts, and those from which these were computed."""
    found = {name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert) for name in names(node)}
    for line in reversed(ast.parse(source).body):
        if isinstance(line, ast.Assign) and found & set().union(*map(names, line.targets)):
            found |= names(line)
    return found


def behind_the_picture(source):
    """The view that a cell shows, and what that is drawn from."""
    *before, shown = ast.parse(source).body
    views = names(shown)
    return views.union(*(names(line) for line in before if isinstance(line, ast.Assign) and names(line) & views))


def names(node):
    """The variables in it that are its own, and not the language's or every lesson's."""
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return found - {"shop", "views", *dir(builtins)}


@every_teaching_lesson
def test_it_tells_what_is_promised_what_is_not_what_it_costs_and_asks_the_class(path):
    text = prose(path).lower()
    for part in ("promise", "guarantee", "does not", "cost", "for the class", "further reading"):
        assert part in text, part
    questions = prose(path).partition("For the class")[2].partition("Further reading")[0]
    assert len(re.findall(r"^\d\. ", questions, re.MULTILINE)) == 3


@every_lesson
def test_a_student_sees_no_assert(path):
    assert [cell.source for cell in visible(path) if asserted_names(cell.source)] == []


@every_teaching_lesson
def test_it_lets_the_student_predict_three_times(path):
    code = "\n".join(cell.source for cell in visible(path))
    asked = set(re.findall(r"(\w+) = Prediction\(", code))
    assert asked == set(re.findall(r"(\w+)\.compare\(", code))
    assert len(asked) >= 3


@every_lesson
def test_it_ends_with_its_own_quiz_and_answers_its_questions_one_click_below(path):
    (shown,) = [cell.outputs[0].data for cell in visible(path) if f'quiz("{path.stem}")' in cell.source]
    assert shown["text/html"] == quiz(path.stem)._repr_mimebundle_()["text/html"]  # else: run the lesson again
    assert prose(path).partition("For the class")[2].count("<summary>Answer</summary>") == 3


@every_lesson
def test_nothing_in_a_details_block_is_written_in_markdown(path):
    """A page shows it as it is typed, up to the next empty line."""
    blocks = re.findall(r"<details>.*?(?=\n\s*\n|</details>)", prose(path), flags=re.DOTALL)
    assert not [block for block in blocks if re.search(r"`|\*\w[^*]*\*", re.sub(r"<code>.*?</code>", "", block))]


@every_teaching_lesson
def test_it_is_as_long_as_a_lesson(path):
    read = re.sub(r"\(http[^)]*\)|```.*?```|<details>.*?</details>", "", prose(path), flags=re.DOTALL)
    words = len(re.findall(r"\w+", read))
    count = len(visible(path)) + len(cells(path, "markdown"))
    assert 1_200 <= words <= 2_100
    assert 38 <= count <= 66


@every_teaching_lesson
def test_code_of_the_package_is_shown_from_the_package(path):
    assert any(re.search(r"\b(source|excerpt)\(", cell.source) for cell in cells(path, "code"))
