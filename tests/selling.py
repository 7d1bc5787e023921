"""What the tests of a shop's life share: an order goes all the way, and everything adds up."""

from ecomkafka.shop import Shop
from tests.waiting import PATIENCE

BASKET = {"LAPTOP-001": 1, "MOUSE-001": 1}


def sells(shop: Shop) -> str:
    """An order goes all the way, and no invariant is broken. Returns its id."""
    order_id = shop.order("ann", BASKET)
    assert shop.wait(order_id, PATIENCE) == "CONFIRMED"
    shop.settle(PATIENCE)
    assert broken(shop) == {}
    return order_id


def broken(shop: Shop) -> dict[str, str]:
    """The invariants that do not hold, and the first that breaks each."""
    table = shop.invariants()
    return dict(table[~table["holds"].fillna(True)]["first"])
