"""What a test writes onto a topic of notifications as somebody else would: messages, or bytes that are none."""

from ecomkafka.flow import key_of
from ecomkafka.messages import encode
from tests.waiting import PATIENCE

REQUESTS = "notifications.requests"
HEADERS = (("correlation", b"O-1"), ("attempt", b"1"), ("x-own", b"\xff"))


def send(cluster, *messages, headers=HEADERS, topic=REQUESTS):
    with cluster.producer() as producer:
        for message in messages:
            value = message if isinstance(message, bytes) else encode(message)
            key = b"?" if isinstance(message, bytes) else key_of(message).encode()
            producer.send(cluster.name(topic), value, key=key, headers=list(headers))
        producer.flush(timeout=PATIENCE)
