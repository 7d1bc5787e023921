"""A shop whose front door is open, and a client that knocks."""

from collections.abc import Iterator

import httpx
import pytest

from ecomkafka.shop import Shop
from tests.waiting import PATIENCE


@pytest.fixture
def http(shop: Shop) -> Iterator[httpx.Client]:
    """A gateway of its own for each test, so that no test is in another one's way."""
    with shop.gateway() as gateway, httpx.Client(base_url=gateway.url, timeout=PATIENCE) as client:
        yield client
