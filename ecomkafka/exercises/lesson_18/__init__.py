"""The exercises of lesson 18: chaos day."""

from ecomkafka.exercises.lesson_18.questions import q1, q2, q3, q4

__all__ = ["q1", "q2", "q3", "q4"]
