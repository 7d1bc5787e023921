"""A mail sender that tries again on the spot, as a beginner writes it: everybody after a failure waits."""

import json
import smtplib
import time
from collections.abc import Callable, Sequence
from typing import Any

SHOP = "shop@ecomkafka.example"


class Postman:
    """Sends one mail per record to a real mail server, and remembers every attempt: record, whether accepted, time."""

    def __init__(self, host: str, port: int) -> None:
        self.attempts: list[tuple[Any, bool, float]] = []
        self._host, self._port = host, port

    def send(self, record: Any) -> None:
        """Raises smtplib.SMTPResponseException if the server refuses the mail, ValueError if the record is no JSON."""
        customer = json.loads(record.value)["customer"]
        to = f"{customer}@customers.example"
        text = f"To: {to}\nMessage-ID: <{record.topic}-{record.offset}@ecomkafka.example>\n\nYour order is confirmed."
        accepted = False
        try:
            with smtplib.SMTP(self._host, self._port, local_hostname="localhost", timeout=5) as server:
                server.sendmail(SHOP, to, text)
            accepted = True
        finally:
            self.attempts.append((record, accepted, time.time()))


def deliver(record: Any, send: Callable[[Any], None], delays: Sequence[float]) -> None:
    """Send a mail; if the server refuses it, wait and try again, until there is no delay left."""
    waits = list(delays)
    while True:
        try:
            send(record)
            return
        except smtplib.SMTPResponseException:
            if not waits:
                return  # given up
            time.sleep(waits.pop(0))
