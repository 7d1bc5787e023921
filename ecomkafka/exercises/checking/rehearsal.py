"""A class of three simulated students: a teacher sees the class board before the first lesson."""

import copy
from collections.abc import Callable
from typing import Any

from ecomkafka.classroom.listener import Reporter
from ecomkafka.clients import Cluster
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.verdict import Verdict


class SimulatedStudent:
    """Answers questions under a name; the checks are real ones, and are told to the list of results on `cluster`."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.name = name
        self._reporter = Reporter(cluster, name)
        self._own: dict[int, Question] = {}

    def hint(self, question: Question) -> None:
        self._mine(question).hint()

    def check(self, question: Question, answer: Callable[..., Any]) -> Verdict:
        own = self._mine(question)
        verdict = own.check(answer)
        self._reporter(own.lesson, own.name, str(verdict.outcome), own.hints_taken)
        return verdict

    def close(self) -> None:
        self._reporter.close()

    def _mine(self, question: Question) -> Question:
        """Each student has a kernel, and in it a count of hints."""
        if id(question) not in self._own:
            self._own[id(question)] = copy.copy(question)
            self._own[id(question)].hints_taken = 0
        return self._own[id(question)]
