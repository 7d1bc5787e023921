"""How far a search goes."""

from ecomkafka.messages import Value

WAREHOUSES = ("WH-BERLIN", "WH-LONDON", "WH-ROME")
MOST = 3


class Bounds(Value, frozen=True):
    """How far the search goes. Inside of these bounds nothing is left out."""

    warehouses: int = 2
    duplicates: int = 1
    """So many messages of each warehouse come twice."""
    own_duplicates: int = 0
    """So many of the order's own come twice: ORDER_CREATED, and the wish to roll back."""
    losses: int = 0
    """So many requests to the payment gateway, or answers of it, are lost and sent again. A record that is lost on its
    way into a partition only comes late, and that is tried in any case.
    """
    crashes: int = 1
    """So many times the order service crashes between a charge and its commit."""
    rollback: bool = True
    """Inventory or the customer asks to cancel the order, at any time."""
    ordered: bool = True
    """Messages with the same key come in the sequence in which they were sent, as in a partition."""

    def __post_init__(self) -> None:
        for name, least in (("warehouses", 1), ("duplicates", 0), ("own_duplicates", 0), ("losses", 0), ("crashes", 0)):
            if not least <= getattr(self, name) <= MOST:
                raise ValueError(f"{name} is {getattr(self, name)!r}: {least} to {MOST} are allowed")
