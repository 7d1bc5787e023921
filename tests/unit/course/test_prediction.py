"""Predictions: nothing is chosen at the start, and nobody runs on without one."""

import pytest

from ecomkafka.course.prediction import SKIPPED, NotPredictedError, Prediction


@pytest.fixture
def question(monkeypatch):
    monkeypatch.delenv(SKIPPED, raising=False)
    return Prediction("How many?", [6, 12, 18])


def test_who_has_chosen_nothing_is_asked_to_in_one_sentence(question):
    with pytest.raises(NotPredictedError) as refused:
        question.compare(18)
    assert refused.value._render_traceback_() == [str(refused.value)]
    assert "choose an answer" in str(refused.value)


def test_what_was_chosen_stands_beside_what_happened(question):
    question.chosen = 12
    shown = question.compare(18)
    assert repr(shown).splitlines() == ["predicted: 12", "happened:  18", "✗ not as predicted: read why below"]
    assert "<td>12</td>" in shown._repr_html_()
    question.chosen = 18
    assert question.compare(18).verdict == "✓ as predicted"


def test_a_run_without_a_student_goes_on_and_shows_what_happened(question, monkeypatch):
    monkeypatch.setenv(SKIPPED, "skip")
    assert repr(question.compare(18)).splitlines() == ["predicted: –", "happened:  18", "nobody was asked"]


def test_what_happened_has_to_be_among_the_choices(question):
    with pytest.raises(ValueError, match=r"7 happened, the choices are \[6, 12, 18\]"):
        question.compare(7)


@pytest.mark.parametrize("choices", [[], [1], [1, 1], [1, "1"]])
def test_a_question_has_two_choices_or_more_that_differ(choices):
    with pytest.raises(ValueError, match="two or more different choices"):
        Prediction("How many?", choices)


def test_without_a_kernel_the_question_and_its_choices_can_be_read():
    bundle = Prediction("a < b?", ["yes", "no & never"])._repr_mimebundle_()
    assert bundle["text/plain"] == "a < b? yes | no & never"
    assert bundle["text/html"] == "<b>a &lt; b?</b><ul><li>yes</li><li>no &amp; never</li></ul>"
    assert "application/vnd.jupyter.widget-view+json" in bundle
