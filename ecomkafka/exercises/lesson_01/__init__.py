"""The exercises of lesson 01: Kafka by hand."""

from ecomkafka.exercises.lesson_01.questions import q1, q2, q3

__all__ = ["q1", "q2", "q3"]
