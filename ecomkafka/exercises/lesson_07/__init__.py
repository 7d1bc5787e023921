"""The exercises of lesson 07: compensation."""

from ecomkafka.exercises.lesson_07.desk import Refused
from ecomkafka.exercises.lesson_07.executor import q4
from ecomkafka.exercises.lesson_07.questions import q1, q2, q3

__all__ = ["Refused", "q1", "q2", "q3", "q4"]
