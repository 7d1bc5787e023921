"""The exercises of the lessons 13 and 13b: joins by event time."""

from ecomkafka.exercises.lesson_13.questions import q1, q2, q3
from ecomkafka.exercises.lesson_13.waiting_questions import q4, q5

__all__ = ["q1", "q2", "q3", "q4", "q5"]
