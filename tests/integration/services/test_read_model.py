"""The read model on a real Kafka, the same tests on SQLite and on PostgreSQL."""

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pandas as pd
import pytest
import sqlalchemy as sa

from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics, delete_topics
from ecomkafka.clients.reader import partitions_of
from ecomkafka.flow import ROUTES, key_of
from ecomkafka.gateways.order_queries import OrderQueries, ReadModelError
from ecomkafka.gateways.order_store import OrderStore
from ecomkafka.gateways.sql_tables import OFFSETS, ORDERS
from ecomkafka.messages import Line, OrderCancelled, OrderConfirmed, OrderCreated, Reason, encode
from ecomkafka.services.read_model import TOPIC, ReadModel
from tests.waiting import PATIENCE, eventually

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
ALL = {"created": 0, "pending": 0, "confirmed": 0, "cancelled": 0}


class Database:
    """Where the rows go, and how to take it away for a while."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def away(self) -> Iterator[None]:
        """SQLite: another program holds the lock; PostgreSQL: connections are cut and no new one is let in."""
        if self.url.startswith("sqlite"):
            engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN EXCLUSIVE")
                yield
                connection.exec_driver_sql("ROLLBACK")
            engine.dispose()
            return
        name = sa.make_url(self.url).database
        admin = sa.create_engine(sa.make_url(self.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            connection.execute(
                sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
            )
            yield
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        admin.dispose()

    def execute(self, statement):
        engine = sa.create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(statement)
        engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path / 'orders.db'}")
        return
    url = sa.make_url(request.getfixturevalue("postgres_url"))
    name = f"ecomkafka_{secrets.token_hex(4)}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        yield Database(url.set(database=name).render_as_string(hide_password=False))
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()


@pytest.fixture
def read_model(cluster, database):
    with ReadModel(cluster, database.url) as running:
        yield running


def created(order_id, quantity=2, price="29.99", customer_id="C-1", at=AT):
    line = Line(product_id="MOUSE-001", quantity=quantity, price=Decimal(price))
    return OrderCreated(
        order_id=order_id,
        customer_id=customer_id,
        total=line.price * quantity,
        lines=(line, Line(product_id="GIFT", quantity=1, price=Decimal(0))),
        warehouses=("WH-SOUTH",),
        deadline=at,
        at=at,
    )


def confirmed(order_id, total="59.98"):
    return OrderConfirmed(order_id=order_id, total=Decimal(total), at=AT)


def cancelled(order_id, total="59.98"):
    return OrderCancelled(order_id=order_id, total=Decimal(total), at=AT, reason=Reason.INSUFFICIENT_STOCK)


def send(cluster, *messages):
    """Messages, routed as the services do it; bytes go to partition 0 as they are."""
    with cluster.producer() as producer:
        for message in messages:
            if isinstance(message, bytes):
                producer.send(cluster.name(TOPIC), message, partition=0)
            else:
                topic = cluster.name(ROUTES[type(message)].topic)
                producer.send(topic, encode(message), key=key_of(message).encode())
        producer.flush(timeout=PATIENCE)


def test_orders_appear_with_every_field_exact(cluster, read_model):
    send(cluster, created("O-1"), created("O-2", at=AT + timedelta(minutes=1)), confirmed("O-1"), cancelled("O-2"))
    read_model.sync()
    first, second = read_model.orders()
    assert first == ("O-1", "C-1", "CONFIRMED", None, Decimal("59.98"), 2, AT)
    assert first.created_at.tzinfo is UTC
    assert (second.order_id, second.status, second.reason) == ("O-2", "CANCELLED", "INSUFFICIENT_STOCK")
    assert read_model.lines("O-1") == list(created("O-1").lines)
    assert read_model.status("O-1") == "CONFIRMED"
    assert read_model.status("O-3") is None
    frame = pd.DataFrame(read_model.orders())
    assert list(frame.columns) == ["order_id", "customer_id", "status", "reason", "total", "line_count", "created_at"]


def test_counts_and_revenue_are_exact(cluster, read_model):
    """A thousand times 0.10 is 100.00, and pence beside a fortune are not lost."""
    send(
        cluster,
        *(created(f"O-{n}", quantity=1, price="0.10") for n in range(1000)),
        created("RICH", 999_999, "999999.99"),
    )
    send(
        cluster,
        *(confirmed(f"O-{n}", "0.10") for n in range(900)),
        *(cancelled(f"O-{n}", "0.10") for n in range(900, 950)),
    )
    read_model.sync()
    assert read_model.counts() == {"created": 1001, "pending": 51, "confirmed": 900, "cancelled": 50}
    assert read_model.revenue() == {
        "confirmed": Decimal("90.00"),
        "pending": Decimal("999998990000.01") + 5,
        "lost": Decimal("5.00"),
    }


def test_an_event_seen_twice_changes_nothing(cluster, read_model):
    send(cluster, created("O-1"), confirmed("O-1"))
    read_model.sync()
    before = read_model.orders()
    send(cluster, confirmed("O-1"), created("O-1"), cancelled("O-1"), created("O-1"))
    read_model.sync()
    assert read_model.orders() == before
    assert len(read_model.lines("O-1")) == 2


def test_what_was_aborted_is_never_seen(cluster, read_model):
    with cluster.producer("test-aborts") as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(cluster.name(TOPIC), encode(created("GHOST")), key=b"GHOST")
        producer.flush(timeout=PATIENCE)
        producer.abort_transaction()
    send(cluster, created("O-1"))
    read_model.sync()
    assert [order.order_id for order in read_model.orders()] == ["O-1"]


def test_sync_waits_for_events_behind_an_undecided_transaction(cluster, read_model):
    with cluster.producer("test-undecided") as producer, ThreadPoolExecutor() as pool:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(cluster.name(TOPIC), encode(created("GHOST")), key=b"O-1")
        producer.flush(timeout=PATIENCE)
        send(cluster, created("O-1"))
        synced = pool.submit(read_model.sync)
        with pytest.raises(TimeoutError):
            synced.result(timeout=1)
        producer.abort_transaction()
        synced.result(timeout=PATIENCE)
    assert [order.order_id for order in read_model.orders()] == ["O-1"]


def test_wait_returns_when_the_order_ends(cluster, read_model):
    send(cluster, created("O-1"))
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(read_model.wait, "O-1", PATIENCE)
        read_model.sync()
        assert not waiting.done()
        send(cluster, confirmed("O-1"))
        assert waiting.result(timeout=PATIENCE) == "CONFIRMED"


def test_wait_that_takes_too_long_says_what_is_known(cluster, read_model):
    send(cluster, created("O-1"))
    read_model.sync()
    with pytest.raises(TimeoutError, match=r"'O-1' has not ended after 0.2 s .*last status is PENDING.*trace O-1"):
        read_model.wait("O-1", timeout=0.2)
    with pytest.raises(TimeoutError, match=r"'O-9' has not ended .*no event of it is on orders\.events"):
        read_model.wait("O-9", timeout=0.2)


def test_waiting_on_a_stopped_read_model_fails_at_once(cluster, database):
    read_model = ReadModel(cluster, database.url)
    with pytest.raises(ReadModelError, match="the read model is new"):
        read_model.wait("O-1", timeout=60)
    read_model.stop()


def test_threads_that_stop_a_read_model_at_once_stop_it_once(cluster):
    read_model = ReadModel(cluster).start(PATIENCE)
    with ThreadPoolExecutor() as pool:
        for stopping in [pool.submit(read_model.stop, PATIENCE) for _ in range(4)]:
            stopping.result(PATIENCE)
    assert read_model.state == "stopped"


def test_a_restart_goes_on_where_the_rows_end(cluster, database):
    with ReadModel(cluster, database.url) as first:
        send(cluster, created("O-1"), created("O-2"))
        first.sync()
    database.execute(ORDERS.delete().where(ORDERS.c.order_id == "O-2"))
    send(cluster, confirmed("O-1"), created("O-3"))
    with ReadModel(cluster, database.url) as second:
        second.sync()
        assert {order.order_id: order.status for order in second.orders()} == {"O-1": "CONFIRMED", "O-3": "PENDING"}


def test_a_database_that_is_away_delays_but_loses_nothing(cluster, database, read_model):
    send(cluster, created("O-1"))
    read_model.sync()
    with database.away():
        send(cluster, confirmed("O-1"), created("O-2"))
        eventually(lambda: read_model.state == "recovering", "the read model notices")
        assert read_model.error
    read_model.sync()
    assert read_model.state == "running"
    assert read_model.error is None
    assert {order.order_id: order.status for order in read_model.orders()} == {"O-1": "CONFIRMED", "O-2": "PENDING"}


def test_it_stops_in_time_while_the_database_is_away(cluster, database):
    read_model = ReadModel(cluster, database.url).start()
    with database.away():
        send(cluster, created("O-1"))
        eventually(lambda: read_model.state == "recovering", "the read model notices")
        read_model.stop(timeout=PATIENCE)
    assert read_model.state == "stopped"


def test_records_that_are_no_order_events_are_skipped_and_counted(cluster, read_model):
    send(
        cluster,
        created("O-1"),
        b"",
        b"{",
        b"\xff\xfe",
        b'{"type":"RESTOCK"}',
        encode(created("O-2"))[:-9],
        created("O-3"),
    )
    read_model.sync()
    assert read_model.skipped == 5
    assert [order.order_id for order in read_model.orders()] == ["O-1", "O-3"]


def test_a_record_that_sql_cannot_hold_harms_no_other(cluster, read_model):
    """Found by halving the batch; PostgreSQL also has no NUL in a text."""
    good = [created(f"O-{n}") for n in range(50)]
    before_all_time = datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))
    send(cluster, *good[:25], created("FIRST", at=before_all_time), created("NUL\0"), *good[25:])
    read_model.sync()
    postgresql = read_model.engine.dialect.name == "postgresql"
    assert read_model.skipped == (2 if postgresql else 1)
    assert {f"O-{n}" for n in range(50)} == {order.order_id for order in read_model.orders()} - {"NUL\0"}
    assert read_model.state == "running"


def test_rebuild_projects_everything_again(cluster, database, read_model):
    send(cluster, *(created(f"O-{n}") for n in range(20)), confirmed("O-1"), created("O-1"))
    read_model.sync()
    before = read_model.orders()
    database.execute(ORDERS.update().values(status="CONFIRMED", total=Decimal(0)))
    database.execute(ORDERS.delete().where(ORDERS.c.order_id == "O-7"))
    read_model.rebuild()
    assert read_model.orders() == before


def test_rebuild_starts_a_read_model_that_is_not_running(cluster, database):
    send(cluster, created("O-1"))
    read_model = ReadModel(cluster, database.url)
    try:
        read_model.rebuild()
        assert read_model.status("O-1") == "PENDING"
    finally:
        read_model.stop()


def test_rows_that_another_process_resets_are_projected_again(cluster, read_model):
    """It may have died in the middle of its rebuild; nothing new on the topic is needed to notice."""
    send(cluster, created("O-1"), confirmed("O-1"))
    read_model.sync()
    OrderStore(read_model.engine, cluster.namespace, TOPIC).reset()
    assert eventually(lambda: read_model.status("O-1"), "the order is back") == "CONFIRMED"


def test_rebuild_refuses_when_the_log_has_lost_its_beginning(cluster, read_model):
    """SQL outlives the log: what retention has taken must not be deleted from SQL."""
    send(cluster, *(created(f"O-{n}") for n in range(10)))
    read_model.sync()
    _forget(cluster)
    with pytest.raises(ReadModelError, match="would lose the orders before it"):
        read_model.rebuild()
    assert read_model.counts()["created"] == 10


def test_a_new_read_model_begins_where_the_log_does(cluster, database):
    send(cluster, *(created(f"O-{n}") for n in range(10)))
    _forget(cluster)
    send(cluster, created("LATER"), confirmed("O-1"))
    with ReadModel(cluster, database.url) as read_model:
        read_model.sync()
        assert {order.order_id: order.status for order in read_model.orders()} == {
            "LATER": "PENDING",
            "O-1": "CONFIRMED",
        }


def _forget(cluster):
    """What retention does, at once."""
    with cluster.consumer() as consumer:
        ends = consumer.end_offsets(partitions_of(consumer, cluster, TOPIC))
    with closing(cluster.admin()) as admin:
        admin.delete_records(ends)


def test_offsets_beyond_the_log_stop_it_with_a_reason_and_rebuild_repairs(cluster, database):
    """The topic was deleted and made anew, but the database remembers the old one."""
    send(cluster, created("O-1"))
    with ReadModel(cluster, database.url) as first:
        first.sync()
    database.execute(OFFSETS.update().values(next_offset=1_000_000))
    read_model = ReadModel(cluster, database.url).start()
    try:
        eventually(lambda: read_model.state == "failed", "the read model notices")
        with pytest.raises(
            ReadModelError, match=r"ends at \d+: the topic was deleted and made anew; rebuild\(\) starts over"
        ):
            read_model.wait("O-1")
        read_model.rebuild()
        assert read_model.status("O-1") == "PENDING"
    finally:
        read_model.stop()


def test_two_read_models_of_one_database_apply_each_event_once(cluster, database):
    with ReadModel(cluster, database.url) as one, ReadModel(cluster, database.url) as other:
        for start in range(0, 2000, 100):
            send(cluster, *(created(f"O-{n}", 1, "0.10") for n in range(start, start + 100)))
        one.sync()
        other.sync()
        assert one.counts()["created"] == other.counts()["created"] == 2000
        assert one.revenue()["pending"] == Decimal("200.00")
        assert len(one.lines("O-1999")) == 2
        assert one.state == other.state == "running"


def test_two_namespaces_in_one_database_do_not_mix(cluster, database, read_model):
    other = Cluster(cluster.bootstrap, f"{cluster.namespace}-other")
    create_topics(other)
    try:
        with ReadModel(other, database.url) as theirs:
            send(cluster, created("O-1"), confirmed("O-1"))
            send(other, created("O-1"), created("O-2"))
            read_model.sync()
            theirs.sync()
            assert read_model.counts() == ALL | {"created": 1, "confirmed": 1}
            assert theirs.counts() == ALL | {"created": 2, "pending": 2}
            theirs.rebuild()
            assert read_model.status("O-1") == "CONFIRMED"
    finally:
        delete_topics(other)


def test_another_process_can_ask_without_projecting(cluster, database, read_model):
    send(cluster, created("O-1"))
    read_model.sync()
    queries = OrderQueries(database.url, cluster.namespace)
    assert queries.status("O-1") == "PENDING"
    queries.engine.dispose()


def test_many_threads_may_ask_while_it_projects(cluster):
    """On the default database: whoever asks without a pause must not keep the projection from its work."""
    with ReadModel(cluster) as read_model:
        stop, errors = threading.Event(), []

        def ask():
            while not stop.is_set():
                try:
                    read_model.counts()
                except ReadModelError as error:
                    errors.append(error)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for start in range(0, 1000, 100):
            send(cluster, *(created(f"O-{n}") for n in range(start, start + 100)))
        read_model.sync()
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert errors == []
        assert read_model.counts()["created"] == 1000
        assert read_model.state == "running"


def test_a_topic_that_does_not_exist_is_named(cluster):
    nowhere = Cluster(cluster.bootstrap, "nobody")
    with pytest.raises(ReadModelError, match=r"nobody\.orders\.events.*create-topics"):
        ReadModel(nowhere).start()


def test_a_database_that_cannot_be_opened_is_named(cluster, tmp_path):
    limits = iter((1, 10, PATIENCE))  # it needs Kafka's answers before it looks at the database

    def told() -> str:
        read_model = ReadModel(cluster, f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'orders.db'}")
        with pytest.raises(TimeoutError, match=r"did not start after \d+ s") as late:
            read_model.start(timeout=next(limits))
        return str(late.value)

    eventually(lambda: "unable to open database file" in told(), "the cause is named")


def test_it_cannot_be_started_twice(read_model):
    with pytest.raises(RuntimeError, match="runs already"):
        read_model.start()
