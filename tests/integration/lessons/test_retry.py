"""What the lesson on retries shows: waiting on the spot holds everybody up, waiting in a retry topic nobody."""

import time
from decimal import Decimal
from typing import NamedTuple

import pytest

from ecomkafka.faults.mail_refusal import FULL, ChoosyMailServer
from ecomkafka.flow import key_of
from ecomkafka.lessons.naive_retry import Postman, deliver
from ecomkafka.messages import Kind, SendNotification, encode
from ecomkafka.services.dead_letters import dead_letters
from ecomkafka.services.notification import NotificationService
from ecomkafka.views.lessons.attempts import attempts, by_hand
from tests.integration.services.test_notification import AT
from tests.waiting import PATIENCE, eventually

DELAYS = (0.2, 1.5)


def ask_for(cluster, order_id, customer_id):
    request = SendNotification(
        notification_id=f"{order_id}-CONFIRMED",
        order_id=order_id,
        customer_id=customer_id,
        kind=Kind.ORDER_CONFIRMED,
        total=Decimal(5),
        at=AT,
    )
    with cluster.producer() as producer:
        key, headers = key_of(request).encode(), [("attempt", b"1")]
        producer.send(cluster.name("notifications.requests"), encode(request), key=key, headers=headers)
        producer.flush(timeout=PATIENCE)


def test_a_retry_topic_makes_no_other_customer_wait(cluster):
    bob = "bob@customers.example"
    with ChoosyMailServer({bob: FULL}) as server, NotificationService(cluster, server=server, retry_delays=DELAYS):
        ask_for(cluster, "O-1", "bob")
        eventually(lambda: server.refused[bob], "Bob's first attempt")
        ask_for(cluster, "O-2", "ann")
        eventually(lambda: dead_letters(cluster), "Bob's dead letter")
        eventually(lambda: len(attempts(cluster)) == 4, "four attempts")
        made = attempts(cluster).set_index("outcome")
    assert made["customer"].tolist() == ["bob", "bob", "bob", "ann"]
    assert made.index.tolist() == ["failed", "failed", "given up", "delivered"]
    assert made.loc["given up", "waited (s)"] >= sum(DELAYS) - 0.01
    assert made.loc["delivered", "at (s)"] < made.loc["given up", "at (s)"]
    assert server.refused[bob] == 3


class Request(NamedTuple):
    """What of a consumer's record the naive sender looks at."""

    offset: int
    value: bytes
    timestamp: float
    topic: str = "mails"


def test_a_retry_on_the_spot_makes_the_next_customer_wait():
    requests = [Request(n, b'{"customer": "%s"}' % name, time.time() * 1000) for n, name in enumerate((b"bob", b"ann"))]
    with ChoosyMailServer({"bob@customers.example": FULL}) as server:
        postman = Postman(server.host, server.port)
        for request in requests:
            deliver(request, postman.send, (0.01, 0.02))
    made = by_hand(postman.attempts, last=3)
    assert made["customer"].tolist() == ["bob", "bob", "bob", "ann"]
    assert made["outcome"].tolist() == ["failed", "failed", "given up", "delivered"]
    assert made["at (s)"].is_monotonic_increasing
    assert made["at (s)"].min() >= 0


def test_attempts_of_nobody_are_an_error_that_says_what_to_do(cluster):
    with pytest.raises(LookupError, match="place an order first"):
        attempts(cluster)
