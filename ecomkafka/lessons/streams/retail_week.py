"""A retailer's orders, sold at once: what the lessons on an engine begin with."""

from dataclasses import replace
from datetime import UTC, datetime

from msgspec.structs import asdict

from ecomkafka.catalogue import Catalogue
from ecomkafka.clock import ManualClock
from ecomkafka.domain.windows.closing_and_lateness import UNBOUNDED
from ecomkafka.retail.invoices import Retail
from ecomkafka.shop import Shop

BAGS = ("22383", "23209")
"""There is half of what is asked for, so that some orders are cancelled, as in lesson 12."""

AFTER_THE_WEEK = datetime(2011, 8, 15, tzinfo=UTC)
_SECONDS = 60.0


def sell(retail: Retail, timeout: float = _SECONDS) -> Shop:
    """A running shop that has sold these orders: each has ended, and every service has read everything.

    It sends no mails. Its clock stands still after the week, and it closes no window. Stop it at the end.
    """
    full = retail.catalogue()
    scarce = {bag: replace(full[bag], opening=full[bag].opening // 2) for bag in BAGS}
    clock = ManualClock(AFTER_THE_WEEK)
    catalogue = Catalogue({**full, **scarce}.values())
    shop = Shop(catalogue=catalogue, clock=clock, mail=False, allowed_lateness=UNBOUNDED).start()
    try:
        shop.order_service.create_orders(
            {
                "order_id": order.order_id,
                "customer_id": order.customer_id,
                "at": order.at,
                "items": [asdict(line) for line in order.lines],
            }
            for order in retail.orders
        )
        for order in retail.orders:
            shop.wait(order.order_id, timeout)
        shop.settle(timeout)
    except BaseException:
        shop.stop()
        raise
    return shop
