"""The command `replay FILE`: a retailer's real orders through the saga, and every invariant checked."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ecomkafka import messages as m
from ecomkafka.domain.sales import Sales, sales
from ecomkafka.domain.windows.closing_and_lateness import UNBOUNDED
from ecomkafka.invariants import Violation
from ecomkafka.invariants.check import check
from ecomkafka.invariants.facts import Facts
from ecomkafka.invariants.witness import Witness
from ecomkafka.retail.dates import Dates
from ecomkafka.retail.file import load
from ecomkafka.retail.invoices import Retail
from ecomkafka.shop.shop import Shop

BATCH = 250
"""Orders in one transaction."""

STALLED_SECONDS = 60.0
DEADLINE = timedelta(hours=1)
"""A saga's deadline here: months of orders arrive within seconds, and the queue is no reason to cancel any."""

Progress = Callable[[int, int], None]
"""Is told how many orders have ended, of how many."""


@dataclass(frozen=True)
class Result:
    """The result of a replay; `seconds` runs from the first order sent to the last record handled."""

    sales: Sales
    skipped: dict[str, int]
    notifications: dict[str, int]
    windows: int
    violations: dict[str, list[Violation]]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether every invariant is true."""
        return not any(self.violations.values())

    def to_json(self) -> dict[str, Any]:
        """As `replay --json` prints it: money as decimal strings."""
        cancelled = sum(self.sales.cancelled.values())
        revenue = {
            "confirmed": self.sales.revenue_confirmed,
            "pending": self.sales.revenue_pending,
            "lost": self.sales.revenue_lost,
        }
        return {
            "orders": {"created": self.sales.created, "confirmed": self.sales.confirmed, "cancelled": cancelled},
            "lines": self.sales.lines,
            "revenue": {name: str(amount) for name, amount in revenue.items()},
            "skipped": self.skipped,
            "notifications": self.notifications,
            "windows": self.windows,
            "invariants": {name: not violations for name, violations in self.violations.items()},
            "seconds": round(self.seconds, 3),
            "orders_per_s": round(self.sales.created / self.seconds, 1) if self.seconds else 0.0,
        }


def replay(
    path: Path,
    stock_ratio: Decimal = Decimal(1),
    limit: int | None = None,
    mail: bool = True,
    progress: Progress = lambda done, total: None,
    processes: bool = False,
    columns: Mapping[str, str] | None = None,
    dates: Dates | None = None,
) -> Result:
    """Send the orders of `path` through a shop of their own; ValueError for a bad file or argument comes first.

    `processes`: with each service a process of its own (see `shop/shop.py`). `columns`, `dates`: see `retail/file.py`.
    """
    retail = load(path, columns, dates)
    if limit is not None:
        retail = retail.first(limit)
    catalogue = retail.catalogue(stock_ratio)
    shop = Shop(catalogue=catalogue, mail=mail, deadline=DEADLINE, allowed_lateness=UNBOUNDED, processes=processes)
    with shop, Witness(shop.cluster) as witness:
        started = time.monotonic()
        _send(shop, retail, progress)
        _await_ends(shop, len(retail.orders), progress)
        shop.settle(STALLED_SECONDS)
        seconds = time.monotonic() - started
        facts = shop.facts(witness)
    return Result(
        sales=sales(facts.messages(m.OrderCreated, m.OrderConfirmed, m.OrderCancelled)),
        skipped=dict(retail.skipped),
        notifications=_notifications(facts),
        windows=len(facts.windows),
        violations=check(facts),
        seconds=seconds,
    )


def _send(shop: Shop, retail: Retail, progress: Progress) -> None:
    for start in range(0, len(retail.orders), BATCH):
        shop.order_service.create_orders(
            {
                "order_id": order.order_id,
                "customer_id": order.customer_id,
                "at": order.at,
                "items": [{"product_id": x.product_id, "quantity": x.quantity, "price": x.price} for x in order.lines],
            }
            for order in retail.orders[start : start + BATCH]
        )
        progress(_ended(shop), len(retail.orders))


def _await_ends(shop: Shop, total: int, progress: Progress) -> None:
    done, since = -1, time.monotonic()
    while (now_done := _ended(shop)) < total:
        if now_done > done:
            done, since = now_done, time.monotonic()
        if time.monotonic() - since > STALLED_SECONDS:
            raise TimeoutError(
                f"{done} of {total} orders ended, and no other in {STALLED_SECONDS:.0f} s: {shop.health()}"
            )
        progress(done, total)
        time.sleep(0.1)
    progress(total, total)


def _ended(shop: Shop) -> int:
    counts = shop.read_model.counts()
    return counts["confirmed"] + counts["cancelled"]


def _notifications(facts: Facts) -> dict[str, int]:
    def ids(*kinds: type[Any]) -> int:
        return len({message.notification_id for message in facts.messages(*kinds)})

    return {
        "requested": ids(m.SendNotification),
        "sent": ids(m.NotificationSent),
        "dead_lettered": ids(m.NotificationFailed),
    }
