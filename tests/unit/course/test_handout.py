"""The lessons in a student's folder: what is missing comes, and nobody's work is written over."""

from pathlib import Path

import pytest

from ecomkafka.course import handout
from ecomkafka.course.handout import hand_out

LESSON, OTHER = Path("notebooks/00_first.ipynb"), Path("notebooks/exercises/02.ipynb")


@pytest.fixture
def shipped(tmp_path):
    """A package with two files."""
    for name in (LESSON, OTHER):
        (tmp_path / "package" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "package" / name).write_text("first edition")
    return tmp_path / "package"


@pytest.fixture
def here(tmp_path):
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def test_an_empty_folder_gets_all_and_a_second_call_writes_nothing(shipped, here):
    assert hand_out(shipped, here) == [LESSON, OTHER]
    assert (here / OTHER).read_text() == "first edition"
    assert hand_out(shipped, here) == []
    assert hand_out(shipped, here, update=True) == []


def test_what_a_student_has_written_stays_and_what_was_deleted_comes_back(shipped, here):
    hand_out(shipped, here)
    (here / LESSON).write_text("my work")
    (here / OTHER).unlink()
    assert hand_out(shipped, here) == [OTHER]
    assert (here / LESSON).read_text() == "my work"


def test_an_update_replaces_what_was_not_touched_and_comes_beside_what_was(shipped, here):
    hand_out(shipped, here)
    (here / LESSON).write_text("my work")
    for name in (LESSON, OTHER):
        (shipped / name).write_text("second edition")
    assert hand_out(shipped, here) == []
    beside = LESSON.with_suffix(".new.ipynb")
    assert hand_out(shipped, here, update=True) == [beside, OTHER]
    assert (here / LESSON).read_text() == "my work"
    assert (here / beside).read_text() == (here / OTHER).read_text() == "second edition"
    assert hand_out(shipped, here, update=True) == []


def test_what_came_beside_a_students_work_may_be_worked_on_as_well(shipped, here):
    hand_out(shipped, here)
    (here / LESSON).write_text("my work")
    for edition, beside in (("second edition", ".new.ipynb"), ("third edition", ".new1.ipynb")):
        (shipped / LESSON).write_text(edition)
        assert hand_out(shipped, here, update=True) == [LESSON.with_suffix(beside)]
        (here / LESSON.with_suffix(beside)).write_text(f"my work in the {edition}")
    assert (here / LESSON.with_suffix(".new.ipynb")).read_text() == "my work in the second edition"


def test_an_update_does_not_bring_again_what_a_student_has_worked_on_since(shipped, here):
    hand_out(shipped, here)
    (here / LESSON).write_text("my work")
    assert hand_out(shipped, here, update=True) == []


def test_a_file_that_was_there_before_the_lessons_is_somebodys_work(shipped, here):
    (here / LESSON).parent.mkdir(parents=True)
    (here / LESSON).write_text("mine, from elsewhere")
    assert hand_out(shipped, here) == [OTHER]
    assert hand_out(shipped, here, update=True) == [LESSON.with_suffix(".new.ipynb")]
    assert (here / LESSON).read_text() == "mine, from elsewhere"


def test_from_a_clone_the_lessons_are_used_where_they_lie(here):
    assert handout.folder(here) == handout.CLONE / "notebooks"
    assert list(here.iterdir()) == []


def test_a_package_without_lessons_is_said_to_have_none(here, monkeypatch):
    monkeypatch.setattr(handout, "CLONE", here)
    with pytest.raises(RuntimeError, match="has no lessons: install it anew"):
        handout.folder(here)
