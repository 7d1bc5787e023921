"""A power cut during an SQL transaction: its COMMIT fails, and the database rolls it back."""

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError


class PowerCut:
    """Call it where the power is to fail. The error is the one that SQLAlchemy raises when a database is gone."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *_: object) -> None:
        self.times += 1
        raise OperationalError("COMMIT", None, ConnectionError("the power is off"))

    def at_commit(self, engine: Engine) -> None:
        """The next COMMIT of this database does not come through, and is rolled back."""
        event.listen(engine, "commit", self, once=True)
