"""The gateway's rule, and the ledger that goes by it: every sequence of calls ends the same in both."""

from decimal import Decimal
from itertools import product

import pytest

from ecomkafka.domain.payment_states import Payment, charged, voided
from ecomkafka.gateways.payment import LedgerGateway


def test_the_first_answer_stays() -> None:
    assert charged(None, True) is charged(Payment.APPROVED, False) is Payment.APPROVED
    assert charged(None, False) is charged(Payment.DECLINED, True) is Payment.DECLINED


def test_a_void_is_final_and_leaves_a_declined_charge_alone() -> None:
    assert voided(None) is voided(Payment.APPROVED) is charged(Payment.VOIDED, True) is Payment.VOIDED
    assert voided(Payment.DECLINED) is Payment.DECLINED


@pytest.mark.parametrize("customer", ["ann", "declined-ann"])
def test_the_ledger_goes_by_this_rule(customer: str) -> None:
    with LedgerGateway() as ledger:
        for number, calls in enumerate(product(("charge", "void"), repeat=4)):
            known: Payment | None = None
            for call in calls:
                if call == "charge":
                    known = charged(known, customer == "ann")
                    assert ledger.charge(f"O-{number}", customer, Decimal(1)) is (known is Payment.APPROVED)
                else:
                    known = voided(known)
                    ledger.void(f"O-{number}")
            assert {charge.order_id: charge.state for charge in ledger.charges()}[f"O-{number}"] == known
