"""The limits of the HTTP API: how many requests at once, at what rate, for how long."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Limits:
    """Each is there so that one client, or one bad minute of Kafka's, can't take the gateway away from all others."""

    rate: float = 100.0
    """Requests per second and client, in the long run."""
    burst: int = 200
    """Requests that a client who was quiet may send at once."""
    queue: int = 1_000
    """Orders that may wait for Kafka: one more is refused, since it would only be answered too late."""
    patience: float = 10.0
    """Seconds that an order waits for Kafka before its client is told to come again."""
    waiting: int = 200
    """Clients that may wait for the end of an order; one more is answered at once."""
    streams: int = 20
    """Clients that may follow an order's saga."""
    body_bytes: int = 262_144
    header_bytes: int = 16_384
    slow: float = 10.0
    """Seconds in which a request's header, and then its body, has to arrive."""
    connections: int = 2_000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise ValueError(f"{field.name} is {value!r:.80}: a number above 0 is allowed")
