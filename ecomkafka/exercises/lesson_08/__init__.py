"""The exercises of lesson 08: idempotence."""

from ecomkafka.exercises.lesson_08.questions import q1, q2, q3, q4

__all__ = ["q1", "q2", "q3", "q4"]
