"""The exercises of lesson 16: the front door, from both sides."""

from ecomkafka.exercises.lesson_16.breaker import q5
from ecomkafka.exercises.lesson_16.questions import q1, q2, q3, q4
from ecomkafka.exercises.lesson_16.stage import NoAnswer, Refused

__all__ = ["NoAnswer", "Refused", "q1", "q2", "q3", "q4", "q5"]
