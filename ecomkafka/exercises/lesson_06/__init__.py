"""The exercises of lesson 06: saga."""

from ecomkafka.exercises.lesson_06.questions import q1, q2, q3

__all__ = ["q1", "q2", "q3"]
