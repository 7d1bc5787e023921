"""Outbox and inbox as tables, on SQLite, and what was recorded for machines without PostgreSQL."""

import threading
from contextlib import suppress

import pytest

from ecomkafka.gateways.sql_tables import open_engine
from ecomkafka.lessons.outbox import delay, inbox, outbox, overtaking, private_postgres
from ecomkafka.lessons.outbox.relay import Relay
from ecomkafka.lessons.outbox.relay_threads import polling
from ecomkafka.lessons.outbox.tables import METADATA
from tests.waiting import PATIENCE


@pytest.fixture
def database():
    engine = open_engine("sqlite://")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


class Rollback(Exception):
    """Ends an SQL transaction."""


def put(database, *keys, commit=True):
    with suppress(Rollback), database.begin() as sql:
        for key in keys:
            outbox.put(sql, "sales", key, "{}")
        if not commit:
            raise Rollback


def waiting(database, limit=100):
    with database.connect() as sql:
        return [row.key for row in outbox.unpublished(sql, limit)]


def test_messages_wait_in_the_sequence_of_their_ids_and_those_of_a_rolled_back_transaction_never_were(database):
    put(database, "ann", "ben")
    put(database, "cleo", commit=False)
    put(database, "dora")
    assert waiting(database) == ["ann", "ben", "dora"]
    assert waiting(database, limit=2) == ["ann", "ben"]


def test_a_marked_message_waits_no_longer_and_tidying_deletes_it(database):
    put(database, "ann", "ben")
    with database.begin() as sql:
        outbox.mark(sql, [1])
    assert waiting(database) == ["ben"]
    with database.begin() as sql:
        assert outbox.tidy(sql) == 1
        assert outbox.tidy(sql) == 0


def test_the_id_of_a_deleted_message_is_not_given_again(database):
    """A reader would take the new message for a copy of the old one."""
    put(database, "ann")
    with database.begin() as sql:
        outbox.mark(sql, [1])
        outbox.tidy(sql)
    put(database, "ben")
    with database.connect() as sql:
        assert [row.id for row in outbox.unpublished(sql, 10)] == [2]


def test_an_id_is_new_once(database):
    with database.begin() as sql:
        assert inbox.is_new(sql, "web-1")
        assert not inbox.is_new(sql, "web-1")
    with database.begin() as sql:
        assert not inbox.is_new(sql, "web-1")
        assert inbox.is_new(sql, "web-2")


def test_an_id_whose_effect_was_rolled_back_is_new_again(database):
    with suppress(Rollback), database.begin() as sql:
        assert inbox.is_new(sql, "web-1")
        raise Rollback
    with database.begin() as sql:
        assert inbox.is_new(sql, "web-1")


def test_without_postgresql_the_recorded_observation_is_shown_and_says_so(monkeypatch):
    monkeypatch.setattr(private_postgres, "programs", lambda: None)
    seen = overtaking.observe()
    assert "recorded on" in seen.source
    assert [(poll.after_last_id, poll.unmarked) for poll in seen.polls] == [([2], [2]), ([], [1])]
    assert len(seen.changes) == 12


def test_a_postgresql_without_its_plug_in_is_none_for_the_lesson(monkeypatch, tmp_path):
    bin_, library = tmp_path / "bin", tmp_path / "lib" / "postgresql15" / "test_decoding.so"
    monkeypatch.setattr(private_postgres, "programs", lambda: bin_)
    assert not overtaking.available()
    library.parent.mkdir(parents=True)
    library.touch()
    assert overtaking.available()


def test_the_recorded_delays_have_a_row_for_each_way():
    recorded = delay.recorded()
    assert recorded["way"].tolist() == [f"polled every {ms:,} ms" for ms in delay.EVERY_MS] + [delay.FROM_LOG]
    assert recorded["median ms"].is_monotonic_decreasing


def test_what_a_relay_raises_in_its_thread_is_raised_at_the_end_of_its_block(database):
    tried = threading.Event()

    class Broken(Relay):
        def run_once(self, limit=100):
            tried.set()
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"), polling(Broken(database, None, "web"), 0.01):
        assert tried.wait(PATIENCE)


def test_a_private_server_without_postgresql_says_what_to_install(monkeypatch):
    monkeypatch.setattr(private_postgres, "programs", lambda: None)
    with pytest.raises(RuntimeError, match="apt-get install postgresql"), private_postgres.server({}):
        pass
