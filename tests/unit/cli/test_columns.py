"""`replay --columns`: which header is which column."""

import pytest

from ecomkafka.cli.lessons import _columns
from ecomkafka.cli.output import UsageError


@pytest.mark.parametrize(
    "given", [["quantity=a", "quantity=b"], ["quantity=a,quantity=b"], ["quantity=a", "quantity=a"]]
)
def test_a_column_that_is_given_twice_is_named(given):
    with pytest.raises(UsageError, match=r"--columns quantity=[ab]: quantity is given already, as 'a'"):
        _columns(given)


def test_headers_may_have_commas_and_equals_signs():
    assert _columns(["quantity=Menge,unit_price=Preis, netto=x"]) == {
        "quantity": "Menge",
        "unit_price": "Preis, netto=x",
    }
