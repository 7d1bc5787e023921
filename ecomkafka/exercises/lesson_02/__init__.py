"""The exercises of lesson 02: topics, partitions and keys."""

from ecomkafka.exercises.lesson_02.questions import q1, q2, q3, q4

__all__ = ["q1", "q2", "q3", "q4"]
