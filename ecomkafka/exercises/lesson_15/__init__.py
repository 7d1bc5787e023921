"""The exercises of lesson 15: schemas that change."""

from ecomkafka.exercises.lesson_15.deployment import q4
from ecomkafka.exercises.lesson_15.questions import q1, q2, q3

__all__ = ["q1", "q2", "q3", "q4"]
