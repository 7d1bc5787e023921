"""The listeners of every check: the classroom is one, for a student with an account."""

from collections.abc import Callable

from ecomkafka.classroom.listener import tell_classroom

Listener = Callable[[str, str, str, int], None]
"""Called with the lesson ("01"), the question ("q1"), the outcome ("correct", …) and how many hints were taken."""

listeners: list[Listener] = [tell_classroom]
