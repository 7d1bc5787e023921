"""The exercises of lesson 07: compensation."""

from ecomkafka.exercises.lesson_07.questions import q1, q2, q3

__all__ = ["q1", "q2", "q3"]
