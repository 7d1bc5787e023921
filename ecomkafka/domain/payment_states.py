"""What becomes of a charge: the gateway's rule, asked in whatever sequence and however often."""

from enum import StrEnum


class Payment(StrEnum):
    """What the gateway knows of one order's charge."""

    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    VOIDED = "VOIDED"


def charged(known: Payment | None, approves: bool) -> Payment:
    """The charge was asked for. The first answer stays, and a charge that comes after its void is not made."""
    return known or (Payment.APPROVED if approves else Payment.DECLINED)


def voided(known: Payment | None) -> Payment:
    """The void was asked for. An unknown charge may still be on its way, so its void is remembered as well."""
    return Payment.DECLINED if known is Payment.DECLINED else Payment.VOIDED
