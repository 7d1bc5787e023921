"""The exercises of lesson 12: stream windows."""

from ecomkafka.exercises.lesson_12.questions import q1, q2, q3, q4

__all__ = ["q1", "q2", "q3", "q4"]
