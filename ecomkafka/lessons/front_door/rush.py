"""Many customers at one door, each with a clock of its own: who was answered, when, and how often each one tried."""

import json
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

import pandas as pd

GAVE_UP = 0
"""The status of a request whose client went away before the answer."""

Delay = Callable[[int], float]
"""Seconds until the next attempt, after attempt 0, 1, 2, …"""


class Attempt(NamedTuple):
    """`at`: seconds from the start of the rush; `took`: seconds until the answer, or until the client gave up."""

    customer: int
    attempt: int
    at: float
    took: float
    status: int


def ask(url: str, patience: float, customer: str = "ann") -> tuple[float, int]:
    """Post an order: how long it took, and the answer's status."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=patience)
    began = time.monotonic()
    try:
        connection.request("POST", "/", json.dumps({"customer_id": customer}))
        status = connection.getresponse().status
    except OSError:
        status = GAVE_UP
    finally:
        connection.close()
    return time.monotonic() - began, status


def rush(
    url: str,
    per_second: float,
    seconds: float,
    patience: float,
    attempts: int = 1,
    delay: Delay = lambda attempt: 0.0,
    name: str = "customer",
) -> pd.DataFrame:
    """A row per attempt. A customer who gave up, or was refused, tries again after `delay(attempt)` seconds.

    All send the same `name` as their customer's id.
    """
    began = time.monotonic()
    ended = threading.Event()
    found: list[Attempt] = []

    def customer(number: int) -> None:
        ended.wait(number / per_second - (time.monotonic() - began))
        for attempt in range(attempts):
            at = time.monotonic() - began
            took, status = ask(url, patience, name)
            found.append(Attempt(number, attempt, at, took, status))
            if status == 202 or ended.wait(delay(attempt)):
                return

    threads = [
        threading.Thread(target=customer, args=(number,), name=f"customer-{number}", daemon=True)
        for number in range(round(per_second * seconds))
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(seconds + attempts * (patience + delay(attempts)) + 10)
    finally:
        ended.set()
    return pd.DataFrame(found, columns=Attempt._fields).sort_values("at", ignore_index=True)
