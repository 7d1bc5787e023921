"""Who wants to know of each check: a classroom adds itself here."""

from collections.abc import Callable

Listener = Callable[[str, str, str, int], None]
"""Called with the lesson ("01"), the question ("q1"), the outcome ("correct", …) and how many hints were taken."""

listeners: list[Listener] = []
