"""A connection to PostgreSQL whose every wait has a limit, also when the server is frozen or the network half open.

The server's own limits end a long statement or a long wait for a lock. A server that is silent can't keep them, and
the kernel of a frozen one still acknowledges what it gets, so that TCP notices nothing: the client needs a limit, too.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.rows import TupleRow

T = TypeVar("T")

LOCK_SECONDS, STATEMENT_SECONDS, ANSWER_SECONDS = 5.0, 30.0, 35.0
"""The most that a statement may wait for a lock, that it may take, and that its answer is waited for: a server that is
not silent says first what took so long.
"""

LIMITS: dict[str, Any] = {
    "connect_timeout": 3,
    "options": (
        f"-c TimeZone=UTC -c lock_timeout={LOCK_SECONDS * 1000:.0f} -c statement_timeout={STATEMENT_SECONDS * 1000:.0f}"
    ),
}
"""Arguments for `LimitedConnection.connect`."""


class LimitedConnection(psycopg.Connection[TupleRow]):
    """Gives a server up that has not answered for ANSWER_SECONDS: closes itself and raises OperationalError."""

    def wait(self, gen: Generator[Any, Any, T], *arguments: Any, **settings: Any) -> T:
        return super().wait(self._until_given_up(gen), *arguments, **settings)

    def _until_given_up(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        """What psycopg waits for is asked through this; several times a second it says that nothing is ready."""
        deadline = time.monotonic() + ANSWER_SECONDS
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > deadline:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"the server has not answered for {ANSWER_SECONDS:g} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: T = end.value
            return answer
