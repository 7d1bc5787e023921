"""Every wait for PostgreSQL has a limit: the server's own while it answers, and the client's when it is silent."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from ecomkafka.gateways.sql_tables import open_engine
from tests.waiting import PATIENCE

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine(postgres_url: str) -> Iterator[sa.Engine]:
    opened = open_engine(postgres_url)
    yield opened
    opened.dispose()


def test_a_server_that_does_not_answer_is_given_up_and_the_next_connection_is_a_new_one(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecomkafka.gateways.postgres.ANSWER_SECONDS", 1.0)
    with engine.connect() as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        silent = sa.text(f"SELECT pg_sleep({PATIENCE})")
        with pytest.raises(sa.exc.OperationalError, match="has not answered for 1 s"):
            connection.execute(silent)
        assert connection.invalidated
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1


def test_a_server_that_answers_ends_a_long_statement_and_a_long_wait_for_a_lock_before_it_is_given_up(
    engine: sa.Engine,
) -> None:
    from ecomkafka.gateways.postgres import ANSWER_SECONDS

    seconds = "SELECT extract(epoch FROM current_setting(:name)::interval)"
    with engine.connect() as connection:
        lock, statement = (
            connection.scalar(sa.text(seconds), {"name": name}) for name in ("lock_timeout", "statement_timeout")
        )
    assert 0 < lock < statement < ANSWER_SECONDS
