"""The exercises of lesson 06: saga."""

from ecomkafka.exercises.lesson_06.questions import q1, q2, q3
from ecomkafka.exercises.lesson_06.saga_questions import q4, q5, q6

__all__ = ["q1", "q2", "q3", "q4", "q5", "q6"]
