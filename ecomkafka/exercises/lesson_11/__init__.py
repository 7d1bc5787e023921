"""The exercises of lesson 11: retry and dead letters."""

from ecomkafka.exercises.lesson_11.questions import q1, q2, q3, q4

__all__ = ["q1", "q2", "q3", "q4"]
