"""Numbers for orders whose client gives no id: no two orders get one id unasked."""

import re

MAX_AHEAD = 10_000
"""Of so many numbers that clients have used before their turn each one is remembered."""


class OrderNumbers:
    """ORD-0001, ORD-0002, …, without those that are used.

    >>> numbers = OrderNumbers()
    >>> numbers.use("ORD-0002")
    >>> numbers.new(), numbers.new()
    ('ORD-0001', 'ORD-0003')
    """

    def __init__(self) -> None:
        self._next = 1
        self._used: set[int] = set()
        """Not below `_next`."""

    def new(self) -> str:
        """An id that no order has."""
        while self._next in self._used:
            self._used.remove(self._next)
            self._next += 1
        self._next += 1
        return f"ORD-{self._next - 1:04d}"

    def use(self, order_id: str) -> None:
        """An order has this id, whoever has chosen it."""
        found = re.fullmatch(r"ORD-([0-9]{4,9})", order_id)
        if found is None or (number := int(found[1])) < self._next:
            return
        self._used.add(number)
        if len(self._used) > MAX_AHEAD:  # to pass over them all needs no memory
            self._next = max(self._used) + 1
            self._used.clear()
