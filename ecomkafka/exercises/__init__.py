"""Exercises that check themselves: one module a lesson, `from ecomkafka.exercises import lesson_02 as ex`."""
