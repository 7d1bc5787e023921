"""Exercises that check themselves, one folder per lesson: `from ecomkafka.exercises import lesson_02 as ex`."""
