"""The exercises of lesson 09: transactions."""

from ecomkafka.exercises.lesson_09.questions import q1, q2, q3, q4

__all__ = ["q1", "q2", "q3", "q4"]
