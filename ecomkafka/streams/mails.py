"""A stream-stream join: each confirmed order with the mails sent within so many minutes of it, and what never came.

Both sides wait for each other, so it does not matter which one is read first. It goes by the records' timestamps, when
they were written: the `at` in the messages is the order's, on both sides. Both topics are keyed by the order.
"""

import json
from typing import Any

from ecomkafka.streams.texts import text


def is_confirmed(_order_id: str, event: str) -> bool:
    return bool(json.loads(event)["type"] == "ORDER_CONFIRMED")


def is_sent(_order_id: str, event: str) -> bool:
    return bool(json.loads(event)["type"] == "NOTIFICATION_SENT")


def answer(_confirmed: str, mail: str | None) -> Any:
    """Which mail it is, or null in JSON: none came in time."""
    return text(json.dumps(mail and json.loads(mail)["notification_id"]))


def topology(orders: str, mails: str, answered: str, within: Any, grace: Any) -> Any:
    """To the topic `answered`, per order: a row for each of its mails, or one with null if none came in time.

    The null comes when `within` and `grace` (java.time.Durations) are over in stream time: a later order or mail of the
    same partition has to come, and Kafka Streams looks at most once per second. No clock brings the last rows. For an
    order that is read more than `within` behind stream time it comes at once, and its mail may still follow: the last
    row of an order counts.
    """
    from org.apache.kafka.streams import StreamsBuilder
    from org.apache.kafka.streams.kstream import JoinWindows

    builder = StreamsBuilder()
    confirmed = builder.stream(orders).filter(is_confirmed)
    sent = builder.stream(mails).filter(is_sent)
    near = JoinWindows.ofTimeDifferenceAndGrace(within, grace)
    confirmed.leftJoin(sent, answer, near).to(answered)
    return builder.build()
