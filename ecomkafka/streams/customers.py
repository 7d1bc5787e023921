"""How many different customers ordered on a day. Such figures can't be added, so the state has to be the set itself."""

import json
from typing import Any

from ecomkafka.streams.five_minute_windows import day_of
from ecomkafka.streams.texts import by_event_time, stored, text
from ecomkafka.streams.visits import is_of_a_customer

STORE = "customers"


def add(_day: str, event: str, customers: str) -> Any:
    """The day's customers, as a list in JSON, with the one of this event."""
    known = {*json.loads(customers), json.loads(event)["customer_id"]}
    return text(json.dumps(sorted(known)))


def topology(orders: str) -> Any:
    from org.apache.kafka.streams import StreamsBuilder

    builder = StreamsBuilder()
    placed = builder.stream(orders, by_event_time()).filter(is_of_a_customer)
    placed.groupBy(day_of).aggregate(lambda: text("[]"), add, stored(STORE))
    return builder.build()
