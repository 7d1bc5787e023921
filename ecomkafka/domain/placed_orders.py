"""The orders that a client has placed: a repeated id is a retry, or an error if its items differ."""

from collections.abc import Hashable

MAX_ORDERS = 10_000
"""Of so many orders a client remembers the content: about 2 MB."""


class OtherOrderError(ValueError):
    """The order's id belongs to another order."""


class Placed:
    """The newest MAX_ORDERS orders of one client: of each id, the order's content."""

    def __init__(self) -> None:
        self._contents: dict[str, int] = {}

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._contents

    def add(self, order_id: str, content: Hashable) -> None:
        """Remember the order. Raises OtherOrderError if the id is another order's: the same one may be sent again."""
        known = self._contents.get(order_id)
        if known is not None and known != hash(content):
            raise OtherOrderError(
                f"order_id {order_id!r:.80} belongs to another order already: repeat that one as it was, or leave the "
                "id out to get a new one"
            )
        self._contents[order_id] = hash(content)
        if len(self._contents) > MAX_ORDERS:
            del self._contents[next(iter(self._contents))]

    def forget(self, order_id: str) -> None:
        """The order was not sent."""
        self._contents.pop(order_id, None)
