"""The list of all questions, by lesson."""

import importlib
import pkgutil
import re

import ecomkafka.exercises as package
from ecomkafka.exercises.checking.question import Question


def all_questions() -> list[str]:
    """ "02.q1", "02.q2", …, in order."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    lessons = [
        importlib.import_module(f"{package.__name__}.{n}") for n in names if re.fullmatch(r"(lesson_\d\d|capstone)", n)
    ]
    questions = [value for lesson in lessons for value in vars(lesson).values() if isinstance(value, Question)]
    return sorted({f"{question.lesson}.{question.name}" for question in questions})
