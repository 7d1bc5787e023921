"""Lesson 10 on a real Kafka: the relay on SQLite and on PostgreSQL, its database's log, a purchase by events alone."""

import secrets
from contextlib import ExitStack, closing

import pytest
import sqlalchemy as sa
from kafka import TopicPartition
from kafka.errors import MessageSizeTooLargeError

from ecomkafka.gateways.sql_tables import open_engine
from ecomkafka.lessons.outbox import delay, inbox, outbox, overtaking
from ecomkafka.lessons.outbox.purchase import RULES, Participant
from ecomkafka.lessons.outbox.relay import Relay
from ecomkafka.lessons.outbox.tables import METADATA
from ecomkafka.lessons.reading import to_end

TOPIC = "quarantine"
"""A topic with one partition."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request):
    with ExitStack() as stack:
        url = sa.make_url("sqlite://")
        if request.param == "postgresql":
            url = sa.make_url(request.getfixturevalue("postgres_url")).set(database=f"outbox_{secrets.token_hex(4)}")
            admin = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
            stack.callback(admin.dispose)
            connection = stack.enter_context(admin.connect())
            connection.exec_driver_sql(f'CREATE DATABASE "{url.database}"')
            stack.callback(connection.exec_driver_sql, f'DROP DATABASE "{url.database}" WITH (FORCE)')
        engine = open_engine(url.render_as_string(hide_password=False))
        stack.callback(engine.dispose)
        METADATA.create_all(engine)
        yield engine


@pytest.fixture
def relay(cluster, database):
    with closing(cluster.producer()) as producer:
        yield Relay(database, producer, "web")


def put(cluster, database, **messages):
    for key, value in messages.items():
        with database.begin() as sql:
            outbox.put(sql, cluster.name(TOPIC), key, value)


def records(cluster):
    with closing(cluster.consumer()) as consumer:
        consumer.assign([TopicPartition(cluster.name(TOPIC), 0)])
        return list(to_end(consumer))


def keys(cluster):
    return [record.key.decode() for record in records(cluster)]


def test_it_publishes_in_the_sequence_of_the_ids_and_marks(cluster, database, relay):
    put(cluster, database, ann="1", ben="2", cleo="3")
    assert relay.run_once(limit=2) == 2
    assert relay.run_once() == 1
    assert relay.run_once() == 0
    found = records(cluster)
    assert [(record.key, record.value) for record in found] == [(b"ann", b"1"), (b"ben", b"2"), (b"cleo", b"3")]
    assert [inbox.id_of(record) for record in found] == ["web-1", "web-2", "web-3"]


def test_what_stands_before_a_refused_message_is_marked_and_the_rest_stays(cluster, database, relay):
    put(cluster, database, ann="1", ben="2" * 3_000_000, cleo="3")
    for _ in range(2):
        with pytest.raises(MessageSizeTooLargeError):
            relay.run_once()
    with database.connect() as sql:
        assert [row.key for row in outbox.unpublished(sql, 10)] == ["ben", "cleo"]
    assert keys(cluster).count("ann") == 1


@pytest.mark.postgres
def test_on_postgresql_a_transaction_is_overtaken_as_it_was_recorded():
    seen, recorded = overtaking.asked_now(), overtaking.recorded()
    assert seen.source.endswith("asked now")
    assert (seen.polls, seen.changes) == (recorded.polls, recorded.changes)


@pytest.fixture
def few_orders(monkeypatch):
    for name, value in {"ORDERS": 4, "PAUSE": 0.01, "EVERY_MS": (20,)}.items():
        monkeypatch.setattr(delay, name, value)


@pytest.mark.postgres
def test_both_ways_are_measured_on_postgresql_and_only_polling_asks(cluster, few_orders):
    where, found = delay.measure(cluster)
    assert where == "PostgreSQL"
    assert found["way"].tolist() == ["polled every 20 ms", delay.FROM_LOG]
    assert (found["queries/s"] > 0).tolist() == [True, False]
    assert (found["median ms"] > 0).all()


def test_without_postgresql_the_log_s_row_is_the_recorded_one(cluster, few_orders, monkeypatch):
    monkeypatch.setattr(overtaking, "available", lambda: False)
    where, found = delay.measure(cluster)
    assert "recorded on PostgreSQL" in where
    assert found.iloc[-1].tolist() == delay.recorded().iloc[-1].tolist()
    assert len(found) == 2


@pytest.fixture
def services(cluster):
    with ExitStack() as stack:
        topic = cluster.name(TOPIC)
        yield {name: stack.enter_context(Participant(cluster.bootstrap, topic, name)) for name in RULES}


def place(services, order_id):
    with services["sales"].database.begin() as sql:
        services["sales"].do(sql, order_id, "ORDER_CREATED")


def all_work(services, without=""):
    while sum(service.work() for name, service in services.items() if name != without):
        pass


def known(services, order_id):
    return [service.last_step(order_id) for service in services.values()]


def test_a_purchase_goes_through_by_events_alone_and_a_copy_of_each_changes_nothing(cluster, services):
    place(services, "ANN")
    all_work(services)
    assert known(services, "ANN") == ["ORDER_CREATED", "PARCEL_PACKED", "PAID", "MAIL_SENT"]
    for service in services.values():
        with service.database.begin() as sql:  # as after a crash between publishing and marking
            sql.execute(sa.text("UPDATE outbox SET published = :no"), {"no": False})
    all_work(services)
    assert len(keys(cluster)) == 2 * 5
    for service in services.values():
        with service.database.connect() as sql:
            steps = sql.execute(sa.text("SELECT step FROM steps")).scalars().all()
        assert len(steps) == len(set(steps))


def test_what_one_service_has_not_published_nobody_knows_and_nothing_is_lost(services):
    place(services, "CLEO")
    all_work(services, without="payment")
    assert services["payment"].work(relaying=False) == 0
    all_work(services, without="payment")
    assert known(services, "CLEO") == ["ORDER_CREATED", "STOCK_RESERVED", "PAID", None]
    all_work(services)
    assert known(services, "CLEO") == ["ORDER_CREATED", "PARCEL_PACKED", "PAID", "MAIL_SENT"]
