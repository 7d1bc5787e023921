"""The exercises of lesson 17: seeing inside."""

from ecomkafka.exercises.lesson_17.alert_question import q5
from ecomkafka.exercises.lesson_17.questions import q1, q2, q3
from ecomkafka.exercises.lesson_17.trace_question import q4

__all__ = ["q1", "q2", "q3", "q4", "q5"]
