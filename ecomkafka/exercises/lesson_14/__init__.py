"""The exercises of lesson 14: scale out."""

from ecomkafka.exercises.lesson_14.assignor import q3
from ecomkafka.exercises.lesson_14.questions import q1, q2, q4

__all__ = ["q1", "q2", "q3", "q4"]
