"""Two SQL transactions overtake each other on PostgreSQL: what two ways to poll see, and what the log says.

PostgreSQL hands out an id when a row is written, and shows the row when it is committed. Where there is no PostgreSQL,
`observe` answers with what was recorded on one: see `Observed.source`.
"""

from importlib import resources
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import msgspec

from ecomkafka.lessons.outbox import private_postgres

if TYPE_CHECKING:
    from psycopg import Connection

SETTINGS = {"wal_level": "logical"}
"""PostgreSQL has to be started with it, so that its log has what a reader needs to make rows of it again."""

RECORDED = "recorded_overtaking.json"


class Poll(msgspec.Struct, frozen=True):
    """What each way to poll has found at one moment: ids."""

    moment: str
    after_last_id: list[int]
    unmarked: list[int]


class Observed(msgspec.Struct, frozen=True):
    source: str
    """Which PostgreSQL, and whether it was asked now."""
    polls: list[Poll]
    changes: list[str]
    """The lines of pg_logical_slot_get_changes."""


def overtake(ann: "Connection", ben: "Connection", relay: "Connection") -> tuple[list[Poll], list[str]]:
    """Ann's transaction gets the first id, and is committed last."""
    relay.execute("CREATE TABLE outbox (id bigserial PRIMARY KEY, message text, published bool DEFAULT false)")
    # only for the last part of the lesson: from here on PostgreSQL keeps its log
    relay.execute("SELECT pg_create_logical_replication_slot('lesson', 'test_decoding')")
    ann.execute("INSERT INTO outbox (message) VALUES ('of Ann')")
    ben.execute("INSERT INTO outbox (message) VALUES ('of Ben')")
    ben.commit()
    first = poll(relay, "Ben's commit", 0)
    ann.commit()
    second = poll(relay, "Ann's commit", max(first.after_last_id))
    return [first, second], changes(relay)


def poll(relay: "Connection", moment: str, last_id: int) -> Poll:
    """Ask in two ways: for ids after the last one, and for rows without a mark, which are marked then."""
    after = relay.execute("SELECT id FROM outbox WHERE id > %s ORDER BY id", [last_id]).fetchall()
    rows = relay.execute("SELECT id FROM outbox WHERE NOT published ORDER BY id").fetchall()
    unmarked = [number for (number,) in rows]
    relay.execute("UPDATE outbox SET published = true WHERE id = ANY(%s)", [unmarked])  # and no row that came since
    return Poll(moment, [number for (number,) in after], unmarked)


def changes(reader: "Connection") -> list[str]:
    """What was committed since the slot was last asked, one transaction after the other."""
    get = "SELECT data FROM pg_logical_slot_get_changes('lesson', NULL, NULL, 'include-xids', '0')"
    return [line for (line,) in reader.execute(get)]


def observe() -> Observed:
    """Let them overtake each other on a PostgreSQL of our own; where there is none, the recorded observation."""
    return asked_now() if available() else recorded()


def available() -> bool:
    """Whether there is a PostgreSQL whose log can be read, and a client to ask it."""
    return private_postgres.has_library("test_decoding") and find_spec("psycopg") is not None


def asked_now() -> Observed:
    from ecomkafka.gateways.postgres import LIMITS, LimitedConnection

    with private_postgres.server(SETTINGS) as url:
        address: Any = url.replace("+psycopg", "")
        with (
            LimitedConnection.connect(address, **LIMITS) as ann,
            LimitedConnection.connect(address, **LIMITS) as ben,
            LimitedConnection.connect(address, autocommit=True, **LIMITS) as relay,
        ):
            polls, lines = overtake(ann, ben, relay)
            return Observed(f"{private_postgres.version(relay)}, asked now", polls, lines)


def recorded() -> Observed:
    file = resources.files(__package__) / RECORDED
    return msgspec.json.decode(file.read_bytes(), type=Observed)
