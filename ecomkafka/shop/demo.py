"""The command `demo`: four orders on a real Kafka, explained and checked step by step."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
from rich.console import Console

from ecomkafka.shop.shop import Shop


class Check(NamedTuple):
    what: str
    true: bool


Checks = list[Check]
RETRY_DELAYS = (0.3, 0.9)
"""Seconds; a live shop waits 1 s and 4 s."""


def run(console: Console) -> bool:
    """Run the four cases; True if every check passed."""
    cases: list[tuple[str, Callable[[Shop], Checks]]] = [
        ("An order is confirmed", confirmed),
        ("1000 laptops of 50: not enough stock", insufficient),
        ("Payment declined, goods in two warehouses", declined),
        ("Mail is down: retries, dead letter, replay", mail_down),
    ]
    with console.status("starting Kafka, four services and the read model"):
        shop = Shop(retry_delays=RETRY_DELAYS).start()
    good = 0
    try:
        for number, (title, case) in enumerate(cases, start=1):
            console.print(f"\n{number}. {title}", style="bold")
            checks = case(shop)
            for check in checks:
                console.print(f"   {'✅' if check.true else '❌'} {check.what}", soft_wrap=True)
            good += all(check.true for check in checks)
        console.print()
        console.print(shop.report())
    finally:
        shop.stop()
    console.print(f"demo: {good} of {len(cases)} cases as expected")
    return good == len(cases)


def confirmed(shop: Shop) -> Checks:
    before = shop.stock()
    order_id = shop.order("customer-123", {"LAPTOP-001": 2, "MOUSE-001": 1})
    end = shop.wait(order_id)
    shop.settle()
    sold = before["on hand"] - shop.stock()["on hand"]
    trace = shop.trace(order_id)
    return [
        Check(f"{order_id}: 2 laptops and a mouse from two warehouses: {end}", end == "CONFIRMED"),
        Check(f"its saga left {len(trace)} records on {trace['topic'].nunique()} topics", len(trace) > 0),
        Check("2 laptops and 1 mouse left the shelves", dict(sold[sold > 0]) == {"LAPTOP-001": 2, "MOUSE-001": 1}),
        Check("nothing is reserved any more", not shop.stock()["reserved"].any()),
        Check("the customer has a mail: " + _subject(shop, order_id), len(_mails(shop, order_id)) == 1),
    ]


def insufficient(shop: Shop) -> Checks:
    before = shop.stock()
    order_id = shop.order("customer-456", {"LAPTOP-001": 1000})
    end = shop.wait(order_id)
    shop.settle()
    order = shop.orders().set_index("order_id").loc[order_id]
    lost = shop.windows()["lost"].sum()
    return [
        Check(f"{order_id}: 1000 laptops: {end} ({order['reason']})", str(order["reason"]) == "INSUFFICIENT_STOCK"),
        Check("the stock is unchanged", shop.stock().equals(before)),
        Check("the customer has a mail: " + _subject(shop, order_id), len(_mails(shop, order_id)) == 1),
        Check(f"a lost sale of {lost} is in the window", bool(lost == order["total"])),
    ]


def declined(shop: Shop) -> Checks:
    before = shop.stock()
    order_id = shop.order("declined-789", {"LAPTOP-001": 1, "KEYBOARD-001": 1})
    shop.wait(order_id)
    shop.settle()
    order = shop.orders().set_index("order_id").loc[order_id]
    types = list(shop.trace(order_id)["type"])
    return [
        Check(
            f"{order_id}: laptop and keyboard: {order['status']} ({order['reason']})",
            str(order["reason"]) == "PAYMENT_DECLINED",
        ),
        Check("two warehouses had reserved", types.count("STOCK_RESERVED") == 2),
        Check("both reservations were released", types.count("STOCK_RELEASED") == 2),
        Check("the stock is as before", shop.stock().equals(before)),
    ]


def mail_down(shop: Shop) -> Checks:
    shop.notification_service.failure_rate = 1.0
    order_id = shop.order("customer-321", {"HEADSET-001": 1})
    end = shop.wait(order_id)
    shop.settle()
    letters = shop.dead_letters()
    attempts = shop.trace(order_id).query("type == 'SEND_NOTIFICATION'")["topic"].tolist()
    shop.notification_service.failure_rate = 0.0
    undelivered = len(_mails(shop, order_id))
    alerts = [line for line in shop.log.lines if order_id in line and "dead letter" in line]
    replayed = shop.replay_dead_letters()
    shop.settle()
    status = str(shop.orders().set_index("order_id").loc[order_id, "status"])
    return [
        Check(f"{order_id}: a headset: {end}, though no mail gets through", end == "CONFIRMED" and undelivered == 0),
        Check("three attempts: " + ", ".join(attempts), len(attempts) == 4),
        Check("the dead letter says why: " + str(letters["reason"].iloc[-1]), len(letters) == 1),
        Check("an alert was raised", len(alerts) == 1),
        Check(f"the order is still {status}", status == "CONFIRMED"),
        Check(f"mail is up: {replayed} dead letter replayed, and delivered", len(_mails(shop, order_id)) == 1),
    ]


def _mails(shop: Shop, order_id: str) -> pd.DataFrame:
    mails = shop.mailbox()
    return mails[mails["notification_id"].str.startswith(f"{order_id}-")]


def _subject(shop: Shop, order_id: str) -> str:
    mails = _mails(shop, order_id)
    return str(mails["subject"].iloc[0]) if len(mails) else "none"
