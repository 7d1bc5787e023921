"""A Friday on which something in the shop is slow, and nothing fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from ecomkafka.faults import payment_slow
from ecomkafka.services.order import OrderService


@contextmanager
def friday(order_service: OrderService) -> Iterator[None]:
    """During the block the payment gateway takes one and a half seconds to answer. It answers, so nothing fails."""
    with payment_slow(order_service, 1.5):
        yield
