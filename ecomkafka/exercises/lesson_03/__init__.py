"""The exercises of lesson 03: replication."""

from ecomkafka.exercises.lesson_03.questions import q1, q2, q3
from ecomkafka.exercises.lesson_03.settings_question import q4

__all__ = ["q1", "q2", "q3", "q4"]
