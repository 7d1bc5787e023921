"""What all panels of one shop share: a ticker, a feed and an order generator, closed before the shop."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from ecomkafka.shop import Shop
from ecomkafka.shop.load_generator import OrderGenerator
from ecomkafka.widgets.data.feed import Feed
from ecomkafka.widgets.data.ticker import Ticker


class SharedResources:
    """A ticker, a feed and a generator of orders. Closes the panels, then itself, before the shop closes."""

    def __init__(self, shop: Shop) -> None:
        self.closed = False
        self._closing = contextlib.ExitStack()
        shop.on_close(self.close)
        self.ticker = Ticker()
        self.feed = Feed(shop.cluster)
        self.generator = OrderGenerator(shop)
        self._closing.callback(self.feed.witness.stop)
        self._closing.callback(self.generator.stop)
        self._closing.callback(self.ticker.stop)
        self.feed.witness.start()

    def on_close(self, close: Callable[[], Any]) -> None:
        self._closing.callback(close)

    def close(self) -> None:
        self.closed = True
        self._closing.close()


_lock = threading.Lock()
_of_shops: WeakKeyDictionary[Shop, SharedResources] = WeakKeyDictionary()


def shared_resources(shop: Shop) -> SharedResources:
    """The one of this shop, made for its first panel. Raises RuntimeError if the shop is not open."""
    with _lock:
        found = _of_shops.get(shop)
        if found is None or found.closed:
            found = _of_shops[shop] = SharedResources(shop)
        return found
