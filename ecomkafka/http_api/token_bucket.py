"""Token buckets: each client may send a burst of requests, and then as many as its bucket is refilled for.

Against a fixed window ("100 a minute") it has no edge at which twice as many come through, and it needs two numbers per
client. Source: Turner, "New directions in communications", IEEE Communications Magazine, 1986.
"""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

MAX_CLIENTS = 10_000
"""Of more clients the one that was silent for longest is forgotten: its bucket is full again."""


class Grant(NamedTuple):
    """Whether a request may pass; numbers for its answer's headers, in requests and whole seconds."""

    allowed: bool
    remaining: int
    reset: int
    """Until the bucket is full."""
    retry_after: int
    """Until the next request may pass."""


class TokenBuckets:
    """`rate` tokens per second drip into each client's bucket, which holds `burst`; a request takes one."""

    def __init__(self, rate: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst = rate, burst
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> Grant:
        """One token of the client's, if there is one."""
        now = self._now()
        tokens, then = self._buckets.pop(client, (float(self.burst), now))
        tokens = min(self.burst, tokens + (now - then) * self.rate)
        allowed = tokens >= 1
        if allowed:
            tokens -= 1
        self._buckets[client] = tokens, now  # at the end: the newest
        if len(self._buckets) > MAX_CLIENTS:
            del self._buckets[next(iter(self._buckets))]
        reset = math.ceil((self.burst - tokens) / self.rate)
        return Grant(allowed, int(tokens), reset, max(1, math.ceil((1 - tokens) / self.rate)))
