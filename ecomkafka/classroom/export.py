"""The scoreboard as CSV: in full, and in the format of `nbgrader export`."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from ecomkafka.classroom.scoreboard import Scoreboard

COLUMNS = ("student", "question", "solved", "attempts", "hints", "solved_at")

NBGRADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
"""As nbgrader 0.9.6's CsvExportPlugin writes them."""


def write_csv(file: Path, board: Scoreboard, students: Sequence[str], questions: Sequence[str]) -> int:
    """A row for each student and question; how many."""
    return _write(file, COLUMNS, _rows(board, students, questions))


def write_nbgrader(file: Path, board: Scoreboard, students: Sequence[str], questions: Sequence[str]) -> int:
    """A row for each lesson, as the assignment "lesson_02", and student: a point a question solved; how many rows.

    `questions`: all there are, since they make the maximum.
    """
    return _write(file, NBGRADER, _scores(board, students, questions))


def _rows(board: Scoreboard, students: Sequence[str], questions: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    for student in students:
        for question in questions:
            standing = board.of(student, question)
            yield {
                "student": student,
                "question": question,
                "solved": int(standing.solved),
                "attempts": standing.attempts,
                "hints": standing.hints,
                "solved_at": standing.solved_at.isoformat() if standing.solved_at else "",
            }


def _scores(board: Scoreboard, students: Sequence[str], questions: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    for lesson, group in groupby(sorted(questions), lambda question: question.partition(".")[0]):
        names = list(group)
        for student in students:
            solved = [at for name in names if (at := board.of(student, name).solved_at)]
            yield dict.fromkeys(NBGRADER, "") | {
                "assignment": f"lesson_{lesson}",
                "timestamp": _naive(max(solved)) if solved else "",
                "student_id": student,
                "raw_score": float(len(solved)),
                "late_submission_penalty": 0.0,
                "score": float(len(solved)),
                "max_score": float(len(names)),
            }


def _naive(at: datetime) -> str:
    """nbgrader's times are UTC and don't say so."""
    return str(at.astimezone(UTC).replace(tzinfo=None))


def _write(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        written = 0
        for row in rows:
            writer.writerow(row)
            written += 1
    return written
