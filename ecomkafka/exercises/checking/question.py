"""A question that checks its answer: `check(answer)`, `hint()`, `why()`, `solution()`.

An answer is a function. The check calls it, on the real broker where the question is about Kafka, with cases that the
student has not seen, and raises `Wrong` with the hint that is meant for what it found.
"""

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from ecomkafka.course.recall_quiz import Quiz
from ecomkafka.exercises.checking import listeners
from ecomkafka.exercises.checking.bounded import SECONDS, Bounded, Failed, NotAttempted, check_attempted
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.texts import texts_of
from ecomkafka.exercises.checking.verdict import Note, Outcome, Verdict, Wrong
from ecomkafka.logs import log

Examine = Callable[[Bounded, Stage], None]
"""Returns if the answer is right, raises Wrong if not."""

WANTED = "what the text above asks for: see what kind of value that is"

_MISSHAPEN = (TypeError, ValueError, AttributeError, IndexError, KeyError, AssertionError)
"""What comes of handling something that is not of the kind that was asked for."""


class Question:
    """`name` is "02.q1"; `seconds` is what the answer's calls may take in all."""

    def __init__(
        self,
        name: str,
        examine: Examine,
        solution: Callable[..., Any],
        praise: str,
        seconds: float = SECONDS,
    ) -> None:
        self.lesson, _, self.name = name.partition(".")
        self.model_answer = solution
        self.hints_taken = 0
        self.texts = texts_of(f"lesson_{self.lesson}" if self.lesson.isdigit() else self.lesson, self.name)
        self._examine, self._praise, self._seconds = examine, praise, seconds

    def check(self, answer: Any) -> Verdict:
        """Try the answer; as often as one likes.

        Raises ConnectionError, BrokerError, TimeoutError or KafkaError if Kafka does not answer: that is no attempt.
        """
        verdict = self._verdict(answer)
        for listener in tuple(listeners.listeners):
            try:
                listener(self.lesson, self.name, str(verdict.outcome), self.hints_taken)
            except Exception as error:  # noqa: BLE001 - a student's verdict does not hang on the classroom
                log.warning("⚠️ a listener failed", question=self.name, error=f"{type(error).__name__}: {error}")
        return verdict

    def _verdict(self, answer: Any) -> Verdict:
        try:
            check_attempted(answer)
            if not callable(answer):
                given = f"check({answer!r:.80})"
                return Verdict(Outcome.WRONG, "the answer is a function.", "check(your_function)", given)
            with Stage() as stage:
                return self._tried(answer, stage)
        except NotAttempted as unchanged:
            line = f", take out line {unchanged.line}, `raise NotImplementedError()`" if unchanged.line else ""
            sentence = f"put your code where it says YOUR CODE HERE{line}, run the cell, and check again."
            return Verdict(Outcome.NOT_ATTEMPTED, sentence)

    def _tried(self, answer: Callable[..., Any], stage: Stage) -> Verdict:
        bounded = Bounded(answer, self._seconds, stage.kafka)
        try:
            self._examine(bounded, stage)
        except Wrong as wrong:
            return Verdict(Outcome.WRONG, "not yet.", wrong.expected, wrong.observed, wrong.where, wrong.hint)
        except Failed as failed:
            return Verdict(Outcome.WRONG, str(failed), hint=self.texts.hints[0])
        except _MISSHAPEN as error:
            if not bounded.returned:  # there is nothing yet that could have another shape
                raise
            text = f"{type(error).__name__}: {error}"
            log.warning("⚠️ a check can't handle an answer", question=f"{self.lesson}.{self.name}", error=text)
            observed = f"{bounded.returned[0]!r:.80} ({text})"
            return Verdict(
                Outcome.WRONG, "that is not what a check can handle.", WANTED, observed, hint=self.texts.hints[0]
            )
        return Verdict(Outcome.CORRECT, self._praise)

    def hint(self) -> Note:
        """The first time a nudge, then the idea, after that nearly the code."""
        hints = self.texts.hints
        self.hints_taken = min(self.hints_taken + 1, len(hints))
        return Note(f"Hint {self.hints_taken} of {len(hints)}", hints[self.hints_taken - 1])

    def why(self) -> Quiz:
        """A question with choices about the reason, to answer when the check has passed."""
        return Quiz([self.texts.why])

    def solution(self) -> Note:
        """The code of one solution, why it is right, the typical mistakes, and another way."""
        return Note("One solution", f"{self.solution_source()}\n\n{self.texts}", code=True)

    def solution_source(self) -> str:
        return textwrap.dedent(inspect.getsource(self.model_answer)).strip()
