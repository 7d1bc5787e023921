"""A real SQL database whose power fails at a chosen statement: only what was committed stays."""

import sqlite3
from typing import Any


class PowerCut(BaseException):
    """Ends the program that it hits; no `except Exception` holds it."""


class Database:
    """Two tables, `revenue (pence)` and `offsets (partition PRIMARY KEY, next_offset)`, in memory.

    `cut` is the number of steps after which the power fails, -1: never. A statement is one, a commit two: the power may
    fail before it, and after it, when it has counted and nobody has heard so.
    """

    def __init__(self, cut: int) -> None:
        self._left = cut
        self._cut = False
        self._sql = sqlite3.connect(":memory:", check_same_thread=False)  # a check's calls run in threads, one by one
        self._sql.execute("CREATE TABLE revenue (pence INTEGER)")
        self._sql.execute("CREATE TABLE offsets (partition INTEGER PRIMARY KEY, next_offset INTEGER)")

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        self._power()
        return self._sql.execute(statement, values).fetchall()

    def commit(self) -> None:
        self._power()
        self._sql.commit()
        self._power()

    def _power(self) -> None:
        if self._cut or self._left == 0:
            self._cut = True
            raise PowerCut
        self._left -= 1

    def restart(self) -> None:
        """The power is back, for good; the open transaction is gone."""
        self._sql.rollback()
        self._cut, self._left = False, -1

    def revenue(self) -> int:
        return int(self._sql.execute("SELECT coalesce(sum(pence), 0) FROM revenue").fetchone()[0])

    def offsets(self) -> dict[int, int]:
        return dict(self._sql.execute("SELECT partition, next_offset FROM offsets").fetchall())

    def close(self) -> None:
        self._sql.close()
