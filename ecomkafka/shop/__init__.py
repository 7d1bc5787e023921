"""One object that starts and stops the whole shop, and what it shows."""

from ecomkafka.shop.shop import Shop as Shop
