"""The quizzes: each question can be answered, and each answer is explained."""

from importlib import resources
from pathlib import Path

import pytest

from ecomkafka.course.recall_quiz import Question, questions, quiz

LESSONS = sorted(path.stem for path in (Path(__file__).parents[3] / "ecomkafka/course/quizzes").glob("*.toml"))
NOTEBOOKS = Path(__file__).parents[3] / "notebooks"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_quiz_has_eight_to_ten_questions_with_different_answers_and_a_reason(lesson):
    found = questions(lesson)
    assert 8 <= len(found) <= 10
    assert (NOTEBOOKS / f"{lesson}.ipynb").exists()
    for question in found:
        assert question.ask.endswith("?"), question.ask
        assert 2 <= len(question.wrong) <= 3, question.ask
        assert len(set(question.answers)) == len(question.answers), question.ask
        assert question.because.endswith("."), question.ask
    assert len({question.ask for question in found}) == len(found)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_right_answer_is_not_always_in_the_same_place(lesson):
    assert len({question.answers.index(question.right) for question in questions(lesson)}) > 1


def test_an_answer_is_explained_as_soon_as_it_is_chosen_and_can_be_changed():
    shown = quiz(LESSONS[0])
    first = shown.questions[0]
    shown.buttons[0].value = first.wrong[0]
    assert "✗ Not this." in shown.verdicts[0].value
    assert "0 of 1 right" in shown.score.value
    shown.buttons[0].value = first.right
    assert "✓ Right." in shown.verdicts[0].value
    assert f"1 of 1 right, {len(shown.questions) - 1} to go" in shown.score.value


def test_without_a_kernel_each_answer_is_one_click_away():
    shown = quiz(LESSONS[0])
    page = shown._repr_mimebundle_()["text/html"]
    assert page.count("<details>") == len(shown.questions)


def test_a_lesson_without_a_quiz_is_answered_with_those_that_have_one():
    with pytest.raises(ValueError, match=f"no quiz for lesson '99_none': there is one for .*{LESSONS[0]}"):
        quiz("99_none")


def test_the_answers_stand_in_the_same_sequence_on_every_run():
    question = Question("a?", "b", ["c", "d"], "e.")
    assert question.answers == Question("a?", "b", ["c", "d"], "e.").answers
    assert sorted(question.answers) == ["b", "c", "d"]


def test_the_quizzes_are_part_of_the_package():
    assert resources.files("ecomkafka.course").joinpath("quizzes").is_dir()
