"""The shop's money does not depend on the decimal context that a cell has chosen."""

from decimal import Context, Decimal, localcontext

import pytest

from ecomkafka.clients.reader import read
from ecomkafka.domain.sales import sales


@pytest.mark.parametrize("digits", [4, 6])
def test_a_context_of_few_digits_changes_no_sum(shop, digits):
    for _ in range(3):
        shop.order("ann", {"LAPTOP-001": 4, "MOUSE-001": 7})
    shop.settle()

    def shown():
        figures = shop.windows()[["revenue", "pending", "lost"]].values.tolist()
        orders = [record.message for record in read(shop.cluster, "orders.events")]
        return (
            shop.report().splitlines()[-6:],
            figures,
            shop.orders()["total"].tolist(),
            shop.read_model.revenue(),
            sales(orders),
        )

    right = shown()
    with localcontext(Context(prec=digits)):
        assert shown() == right
        assert shop.wait(shop.order("ann", {"LAPTOP-001": 1, "MOUSE-001": 1})) == "CONFIRMED"
        shop.settle()
        assert shop.invariants()["holds"].all()
        assert max(shop.orders()["total"]) == Decimal("4209.89")
