"""The exercises of lesson 10: outbox, relay and inbox."""

from ecomkafka.exercises.lesson_10.questions import q1, q2
from ecomkafka.exercises.lesson_10.relay_questions import q3, q4, q5

__all__ = ["q1", "q2", "q3", "q4", "q5"]
