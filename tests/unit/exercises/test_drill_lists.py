"""The lists of the drills: thirty causes, each case's answers among them, and nothing that tells which it is."""

import re
from collections import Counter

import pytest

from ecomkafka.exercises.drills import CAUSES, CURES, Drill
from ecomkafka.exercises.drills.cases import CASES
from ecomkafka.exercises.drills.drill import sequence

COMMON = {"a", "an", "and", "of", "the", "in", "it", "is", "at", "was", "for", "to", "that", "its", "no", "has", "not"}
SPOKEN = {"orders", "record", "records", "service", "one", "team", "another", "machine", "takes", "nobody", "broker"}
SPOKEN |= {"mail", "be", "never", "with", "begun", "nothing", "read", "from", "who", "mails"}
"""Everyday words of a shop: they are in every second choice, so they tell nothing."""

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def words(text):
    return set(re.findall(r"[a-z]+", text.lower())) - COMMON - SPOKEN


def test_there_are_thirty_causes_and_twenty_cures_each_once():
    assert (len(CAUSES), len(CURES)) == (30, 20)
    for choices in (CAUSES, CURES):
        listed = [choices[number] for number in range(1, len(choices) + 1)]
        for part in ("name", "text", "against"):
            assert [text for text, count in Counter(getattr(c, part) for c in listed).items() if count > 1] == []


@every_case
def test_the_answers_of_a_case_are_in_the_lists(case):
    assert CAUSES[CAUSES.number(case.cause)].name == case.cause
    assert [CURES[CURES.number(cure)].name for cure in case.cures] == list(case.cures)
    names = {CAUSES[n].name for n in range(1, 31)} | {CURES[n].name for n in range(1, 21)} | {""}
    assert case.against.keys() <= names
    assert not case.against.keys() & {case.cause, *case.cures}
    assert len(set(case.hints)) == 3


def test_each_case_has_another_cause():
    assert len({case.cause for case in CASES}) == len(CASES) == len({case.name for case in CASES})


@every_case
def test_what_is_heard_does_not_tell_the_cause(case):
    assert words(case.story) & words(CAUSES[CAUSES.number(case.cause)].text) == set()
    assert repr(case) == "<Case>"


def test_a_seed_gives_all_cases_in_a_sequence_of_its_own():
    assert sequence(7) == sequence(7)
    assert len({tuple(case.name for case in sequence(seed)) for seed in range(30)}) == 30
    assert all({case.name for case in sequence(seed)} == {case.name for case in CASES} for seed in range(30))
    assert len({sequence(seed)[0].name for seed in range(30)}) >= 5


def test_a_drill_that_is_not_open_says_so_and_tells_nothing():
    drill = Drill(7, 3)
    assert repr(drill) == "<Drill 3 of seed 7: new>"
    assert drill.result() == "drill 3 of seed 7: ill for 0:00:00, looks 0, answers 0, hints 0"
    for call in (drill.check, drill.orders, lambda: drill.answer(1, 1), lambda: drill.cluster):
        with pytest.raises(RuntimeError, match=r"not open: open\(\) it first"):
            call()
    drill.close()
    with pytest.raises(RuntimeError, match="is closed: make another Drill"):
        drill.open()


def test_hints_come_one_by_one_and_the_last_stays():
    drill = Drill(7, 3)
    assert [drill.hint().title for _ in range(4)] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]
    assert drill.hints_taken == 3


@pytest.mark.parametrize("number", [0, 11, True, "1", None])
def test_a_number_that_is_none_is_refused_with_what_is_allowed(number):
    with pytest.raises(ValueError, match=rf"number is {number!r}: a drill from 1 to {len(CASES)} is allowed"):
        Drill(7, number)
    with pytest.raises(ValueError, match="a number from 1 to 30 of the list is allowed"):
        CAUSES[31 if number == 11 else number]


def test_the_lists_are_shown_with_their_numbers():
    assert repr(CAUSES).splitlines()[0].startswith(" 1  A producer of another team")
    assert CURES._repr_html_().count("<li>") == 20
