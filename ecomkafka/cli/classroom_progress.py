"""The commands `classroom progress` and `export`: what the students have solved."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecomkafka.cli.output import Json, UsageError, echo, echo_json, echo_table

if TYPE_CHECKING:
    from ecomkafka.classroom.scoreboard import Scoreboard

File = Path | None


def register(group: typer.Typer) -> None:
    for command in (progress, export):
        group.command()(command)


def progress(json: Json = False) -> None:
    """Show who has solved what, and where many are stuck."""
    board, students = _class()
    questions = board.questions()
    summaries = board.summaries(students, questions)
    if json:
        standings = [
            {"student": student, "question": question, "solved": standing.solved} | asdict(standing)
            for (student, question), standing in sorted(board.standings.items())
        ]
        echo_json({"students": students, "standings": standings, "questions": [asdict(row) for row in summaries]})
        return
    if not questions:
        echo(f"{len(students)} students, and no result yet")
        return
    echo_table(("student", "solved", "tried", "hints"), (_line(board, student, questions) for student in students))
    echo("")
    columns = ("question", "solved", "of", "stuck", "attempts until solved", "wrong answers", "hints")
    rows = [(s.question, s.solved, s.students, s.stuck, s.attempts, s.wrong, s.hints) for s in summaries]
    echo_table(columns, rows)
    if hardest := board.hardest(students, questions):
        echo("")
        echo(f"most are stuck at {hardest[0].question}: {hardest[0].stuck} of {len(students)}")


def export(
    csv: Annotated[File, typer.Option(help="A row for each student and question.", show_default=False)] = None,
    nbgrader: Annotated[
        File, typer.Option(help="Scores as 'nbgrader export' writes them, an assignment a lesson.", show_default=False)
    ] = None,
) -> None:
    """Write the results to a file for a spreadsheet or a gradebook."""
    if csv is None and nbgrader is None:
        raise UsageError("nothing to write: name a file with --csv FILE or --nbgrader FILE, or both")
    from ecomkafka.classroom.export import write_csv, write_nbgrader
    from ecomkafka.exercises.checking.all_questions import all_questions

    board, students = _class()
    questions = all_questions()
    for file, write in ((csv, write_csv), (nbgrader, write_nbgrader)):
        if file is not None:
            echo(f"{write(file, board, students, questions)} rows in {file}")


def _class() -> "tuple[Scoreboard, list[str]]":
    from ecomkafka.classroom import student_accounts
    from ecomkafka.classroom.results_reader import all_results
    from ecomkafka.classroom.room import Room
    from ecomkafka.classroom.scoreboard import scoreboard

    cluster = Room().cluster()
    board = scoreboard(all_results(cluster))
    return board, board.students(student_accounts.students(cluster))


def _line(board: "Scoreboard", student: str, questions: list[str]) -> tuple[str, int, int, int]:
    standings = [board.of(student, question) for question in questions]
    return (
        student,
        sum(standing.solved for standing in standings),
        sum(bool(standing.attempts) for standing in standings),
        sum(standing.hints for standing in standings),
    )
