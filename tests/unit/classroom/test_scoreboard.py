"""From the room's results to who has solved what, and to the files for a spreadsheet and a gradebook."""

import csv
import os
import sysconfig
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook  # type: ignore[import-untyped]
from nbgrader.plugins.export import CsvExportPlugin  # type: ignore[import-untyped]

from ecomkafka.classroom.export import write_csv, write_nbgrader
from ecomkafka.classroom.results_topic import MAX_BYTES, Result, decode, encode
from ecomkafka.classroom.scoreboard import Scoreboard, scoreboard, summaries_table
from ecomkafka.contracts.codec import UndecodableError
from ecomkafka.exercises.checking.all_questions import all_questions
from ecomkafka.exercises.checking.verdict import Outcome

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def result(student: str, name: str, outcome: str, hints: int = 0, minute: int = 0) -> Result:
    lesson, _, question = name.partition(".")
    at = NOON + timedelta(minutes=minute)
    return Result(student=student, lesson=lesson, question=question, outcome=outcome, hints=hints, at=at)  # type: ignore[arg-type]


RESULTS = [
    result("anna", "02.q1", "correct", minute=1),
    result("ben", "02.q1", "not attempted"),
    result("ben", "02.q1", "wrong"),
    result("ben", "02.q1", "wrong", hints=1),
    result("ben", "02.q1", "correct", hints=2, minute=2),
    result("ben", "02.q1", "wrong", hints=2, minute=3),
    result("anna", "02.q2", "wrong"),
    result("ben", "02.q2", "wrong"),
    result("ben", "02.q2", "wrong"),
    result("cara", "02.q2", "not attempted", hints=1),
    result("anna", "04.q1", "wrong"),
]
CLASS = ["anna", "ben", "cara"]
BOARD = scoreboard(RESULTS)


# What a record is


def test_a_result_comes_back_as_it_was_written() -> None:
    assert [decode(encode(result)) for result in RESULTS] == RESULTS


def test_the_longest_result_fits_into_the_list() -> None:
    longest = result("a" * 40, "02.q1", "not attempted", hints=9)
    assert decode(encode(longest)) == longest
    assert len(encode(longest)) < MAX_BYTES / 2


def test_a_drill_is_a_result_too() -> None:
    told = [result("anna", "drills.d10", outcome) for outcome in ("wrong", "correct")]
    board = scoreboard(decode(encode(one)) for one in told)
    assert board.questions("drills") == ["drills.d10"]
    assert str(board.of("anna", "drills.d10")) == "✓ 2×"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("student", "=HYPERLINK(1)"),
        ("student", "<b>anna</b>"),
        ("student", "a" * 41),
        ("student", "anna\n"),
        ("lesson", "1"),
        ("question", "q1; q2"),
        ("outcome", "perfect"),
        ("hints", -1),
        ("at", "2026-01-05T12:00:00"),
    ],
)
def test_what_is_no_result_is_refused(field: str, value: Any) -> None:
    """Every student may write to the list, and its text ends in tables and spreadsheets."""
    import msgspec

    fields = msgspec.to_builtins(RESULTS[0]) | {field: value}
    with pytest.raises(UndecodableError, match=field):
        decode(msgspec.json.encode(fields))


def test_every_outcome_of_a_check_can_be_written() -> None:
    assert set(get_args(get_type_hints(Result)["outcome"])) == {str(outcome) for outcome in Outcome}


# Who has solved what


def test_attempts_count_until_the_first_correct_one_and_solved_stays_solved() -> None:
    standing = BOARD.of("ben", "02.q1")
    assert (standing.solved_at, standing.attempts, standing.hints) == (NOON + timedelta(minutes=2), 3, 2)


def test_the_starter_is_no_attempt_and_its_hints_are_seen() -> None:
    assert str(BOARD.of("cara", "02.q2")) == "– 1h"


def test_a_table_says_in_signs_and_numbers_who_stands_where() -> None:
    table = BOARD.table(CLASS, BOARD.questions())
    assert table.loc["anna"].to_dict() == {"02.q1": "✓ 1×", "02.q2": "✗ 1×", "04.q1": "✗ 1×"}
    assert table.loc["ben"].to_dict() == {"02.q1": "✓ 3× 2h", "02.q2": "✗ 2×", "04.q1": "–"}
    assert table.loc["cara"].to_dict() == {"02.q1": "–", "02.q2": "– 1h", "04.q1": "–"}


def test_a_student_with_an_account_and_no_result_is_in_the_class() -> None:
    assert BOARD.students(["dan"]) == ["anna", "ben", "cara", "dan"]


def test_a_new_kernel_that_counts_hints_from_0_takes_none_back() -> None:
    board = scoreboard([result("ann", "02.q1", "wrong", hints=2), result("ann", "02.q1", "correct", hints=0)])
    assert board.of("ann", "02.q1").hints == 2


def test_a_question_s_summary_is_of_the_whole_class() -> None:
    table = summaries_table(BOARD.summaries(CLASS, ["02.q1", "02.q2"]))
    assert table.loc["02.q1"].to_dict() == {
        "students": 3, "solved": 2, "stuck": 0, "share_solved": 2 / 3, "attempts": 2.0, "wrong": 2, "hints": 2,
    }  # fmt: skip
    assert table.loc["02.q2", ["solved", "stuck", "wrong", "hints"]].to_list() == [0, 2, 3, 1]


def test_where_many_are_stuck_comes_first() -> None:
    assert [summary.question for summary in BOARD.hardest(CLASS, BOARD.questions())] == ["02.q2", "04.q1"]


def test_an_empty_class_has_an_empty_board() -> None:
    empty = scoreboard([])
    assert (empty.students(), empty.questions(), empty.hardest([], [])) == ([], [], [])
    assert summaries_table(empty.summaries([], ["02.q1"]))["share_solved"].to_list() == [0.0]


outcomes = st.lists(st.builds(result, st.sampled_from(CLASS), st.sampled_from(["02.q1", "04.q3"]),
                              st.sampled_from([str(o) for o in Outcome]), st.integers(0, 2)))  # fmt: skip


@given(outcomes, st.integers(0, 20))
def test_a_board_that_reads_on_is_the_board_of_all(results: list[Result], cut: int) -> None:
    assert scoreboard(results[:cut]).after(results[cut:]) == scoreboard(results)


# Files


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_csv_has_a_row_for_each_student_and_question(tmp_path: Path) -> None:
    file = tmp_path / "class.csv"
    assert write_csv(file, BOARD, CLASS, all_questions()) == 3 * len(all_questions()) == len(rows_of(file))
    found = {(row["student"], row["question"]): row for row in rows_of(file)}
    assert list(found["ben", "02.q1"].values())[2:] == ["1", "3", "2", "2026-01-05T12:02:00+00:00"]
    assert list(found["cara", "18.q4"].values())[2:] == ["0", "0", "0", ""]


def by_nbgrader(file: Path, students: Sequence[str], questions: Sequence[str]) -> list[dict[str, str]]:
    """What nbgrader's own exporter writes, for a gradebook in which ben has solved one question of lesson 02."""
    with warnings.catch_warnings(), Gradebook("sqlite:///:memory:") as gradebook:
        warnings.simplefilter("ignore")  # nbgrader's and its libraries' own
        for lesson in dict.fromkeys(question[:2] for question in questions):
            gradebook.add_assignment(f"lesson_{lesson}")
        for student in students:
            gradebook.add_student(student)
        gradebook.add_notebook("exercise", "lesson_02")
        for question in (question for question in questions if question.startswith("02")):
            gradebook.add_grade_cell(question, "exercise", "lesson_02", max_score=1, cell_type="code")
        taken_in = gradebook.add_submission("lesson_02", "ben", timestamp=datetime(2026, 1, 5, 12, 2))
        assert taken_in.notebooks[0].grades
        gradebook.find_grade("02.q1", "exercise", "lesson_02", "ben").manual_score = 1
        gradebook.db.commit()
        CsvExportPlugin(to=str(file)).export(gradebook)
    return rows_of(file)


def test_scores_are_what_nbgrader_would_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Header and row, from nbgrader's own gradebook and exporter."""
    programs = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    monkeypatch.setenv("PATH", programs)  # nbgrader runs alembic by its name, also where no environment is activated
    questions = ["02.q1", "02.q2", "02.q3", "02.q4"]
    theirs = by_nbgrader(tmp_path / "theirs.csv", ["ben", "cara"], questions)
    file = tmp_path / "ours.csv"
    assert write_nbgrader(file, Scoreboard(BOARD.standings), ["ben", "cara"], questions) == 2
    assert file.read_text().splitlines()[0] == (tmp_path / "theirs.csv").read_text().splitlines()[0]
    assert rows_of(file) == theirs


def test_each_lesson_is_an_assignment_with_a_point_a_question(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    write_nbgrader(file, BOARD, CLASS, ["02.q1", "02.q2", "04.q1"])
    scores = {(r["assignment"], r["student_id"]): (r["score"], r["max_score"]) for r in rows_of(file)}
    assert scores["lesson_02", "anna"] == scores["lesson_02", "ben"] == ("1.0", "2.0")
    assert scores["lesson_04", "anna"] == ("0.0", "1.0")
    assert scores["lesson_02", "cara"] == ("0.0", "2.0")
