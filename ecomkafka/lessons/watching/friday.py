"""A Friday on which something in the shop is slow, and nothing fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ecomkafka.faults import payment_slow
from ecomkafka.services.order import OrderService


class Shop(Protocol):
    """What is needed of a shop."""

    @property
    def order_service(self) -> OrderService: ...


@contextmanager
def friday(shop: Shop) -> Iterator[None]:
    """During the block the payment gateway takes one and a half seconds to answer. It answers, so nothing fails."""
    with payment_slow(shop.order_service, 1.5):
        yield
