"""The scoreboard: a pure fold from results to who has solved what."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

import pandas as pd

from ecomkafka.classroom.results_topic import Result


@dataclass(frozen=True)
class Standing:
    """How far one student is with one question."""

    solved_at: datetime | None = None
    attempts: int = 0
    """Checks of an answer until the first that was correct, with it; the untouched starter is no attempt."""
    hints: int = 0
    """Taken until it was solved."""

    @property
    def solved(self) -> bool:
        return self.solved_at is not None

    def after(self, result: Result) -> "Standing":
        """What is solved stays solved, and what comes later changes nothing."""
        if self.solved:
            return self
        return Standing(
            solved_at=result.at if result.outcome == "correct" else None,
            attempts=self.attempts + (result.outcome != "not attempted"),
            hints=max(self.hints, result.hints),  # a new kernel counts from 0
        )

    def __str__(self) -> str:
        """ "✓ 2× 1h": solved with the second attempt, after one hint; ✗ not yet, – not tried."""
        sign = "✓" if self.solved else "✗" if self.attempts else "–"
        return " ".join(
            [sign, *([f"{self.attempts}×"] * bool(self.attempts)), *([f"{self.hints}h"] * bool(self.hints))]
        )


NOT_TRIED = Standing()


@dataclass(frozen=True)
class Scoreboard:
    """Who stands where; the next one comes from `after`."""

    standings: Mapping[tuple[str, str], Standing]
    """By student and question, "02.q1"."""

    def after(self, results: Iterable[Result]) -> "Scoreboard":
        standings = dict(self.standings)
        for result in results:
            place = result.student, f"{result.lesson}.{result.question}"
            standings[place] = standings.get(place, NOT_TRIED).after(result)
        return replace(self, standings=standings)

    def of(self, student: str, question: str) -> Standing:
        return self.standings.get((student, question), NOT_TRIED)

    def students(self, known: Collection[str] = ()) -> list[str]:
        """`known` and all who have sent a result."""
        return sorted({*known, *(student for student, _ in self.standings)})

    def questions(self, lesson: str = "") -> list[str]:
        """Those of which there is a result; of one lesson or of all."""
        return sorted({question for _, question in self.standings if question.startswith(lesson)})

    def table(self, students: Sequence[str], questions: Sequence[str]) -> pd.DataFrame:
        """A row a student, a column a question, in each cell the standing as text."""
        rows = [[str(self.of(student, question)) for question in questions] for student in students]
        return pd.DataFrame(rows, index=pd.Index(students, name="student"), columns=list(questions))

    def summaries(self, students: Sequence[str], questions: Sequence[str]) -> "list[Summary]":
        """One a question, in their order."""
        return [_summary(question, [self.of(student, question) for student in students]) for question in questions]

    def hardest(self, students: Sequence[str], questions: Sequence[str]) -> "list[Summary]":
        """Where somebody is stuck, most first."""
        stuck = [summary for summary in self.summaries(students, questions) if summary.stuck]
        return sorted(stuck, key=lambda summary: (-summary.stuck, -summary.wrong, summary.question))


@dataclass(frozen=True)
class Summary:
    """One question and the whole class."""

    question: str
    students: int
    solved: int
    stuck: int
    """Students who have tried and not solved it."""
    share_solved: float
    """Of all students, 0 to 1."""
    attempts: float | None
    """Until solved, the median of those who did."""
    wrong: int
    """Wrong answers of all together."""
    hints: int


def _summary(question: str, standings: Sequence[Standing]) -> Summary:
    solved = [standing for standing in standings if standing.solved]
    return Summary(
        question=question,
        students=len(standings),
        solved=len(solved),
        stuck=sum(bool(standing.attempts) for standing in standings) - len(solved),
        share_solved=len(solved) / len(standings) if standings else 0.0,
        attempts=float(median(standing.attempts for standing in solved)) if solved else None,
        wrong=sum(standing.attempts for standing in standings) - len(solved),
        hints=sum(standing.hints for standing in standings),
    )


def scoreboard(results: Iterable[Result]) -> Scoreboard:
    return Scoreboard({}).after(results)


def summaries_table(summaries: Iterable[Summary]) -> pd.DataFrame:
    """A row a question."""
    columns = ["question", *(name for name in Summary.__dataclass_fields__ if name != "question")]
    return pd.DataFrame([vars(summary) for summary in summaries], columns=columns).set_index("question")
