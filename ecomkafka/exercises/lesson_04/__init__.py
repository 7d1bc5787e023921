"""The exercises of lesson 04: event sourcing and CQRS."""

from ecomkafka.exercises.lesson_04.questions import q1, q2, q3

__all__ = ["q1", "q2", "q3"]
