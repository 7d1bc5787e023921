"""The read model without Kafka: the fold of an order's events, and SQL types that keep money and time exact."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ecomkafka.domain.order_view import OrderRow, evolve
from ecomkafka.gateways.order_queries import OrderQueries, ReadModelError
from ecomkafka.gateways.order_store import MovedError, OrderStore
from ecomkafka.gateways.sql_tables import Money, UtcTime, open_engine
from ecomkafka.messages import Line, OrderCancelled, OrderConfirmed, OrderCreated, Reason

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
TOTAL = Decimal("59.98")
CREATED = OrderCreated(
    order_id="O-1",
    customer_id="C-1",
    total=TOTAL,
    lines=(Line(product_id="MOUSE-001", quantity=2, price=Decimal("29.99")),),
    warehouses=("WH-SOUTH",),
    deadline=AT + timedelta(seconds=30),
    at=AT,
)
CONFIRMED = OrderConfirmed(order_id="O-1", total=TOTAL, at=AT)
CANCELLED = OrderCancelled(order_id="O-1", total=TOTAL, at=AT, reason=Reason.TIMEOUT)


def fold(*events):
    row = None
    for event in events:
        row = evolve(row, event)
    return row


def test_a_created_order_is_pending():
    assert fold(CREATED) == OrderRow("O-1", "C-1", "PENDING", None, TOTAL, 1, AT)


@pytest.mark.parametrize(
    ("end", "status", "reason"), [(CONFIRMED, "CONFIRMED", None), (CANCELLED, "CANCELLED", "TIMEOUT")]
)
def test_any_order_with_any_repetition_gives_the_same_row(end, status, reason):
    """A late ORDER_CREATED never overwrites the end."""
    for events in permutations([CREATED, CREATED, end, end]):
        assert fold(*events) == OrderRow("O-1", "C-1", status, reason, TOTAL, 1, AT)


def test_the_first_end_counts():
    assert fold(CREATED, CONFIRMED, CANCELLED).status == "CONFIRMED"
    assert fold(CREATED, CANCELLED, CONFIRMED).status == "CANCELLED"


def test_an_end_whose_beginning_is_lost_is_kept():
    assert fold(CONFIRMED) == OrderRow("O-1", None, "CONFIRMED", None, TOTAL, 0, AT)


@pytest.fixture
def queries():
    opened = OrderQueries("sqlite://", "alice")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def store(queries):
    opened = OrderStore(queries.engine, "alice", "orders.events")
    opened.prepare([0, 1])
    return opened


def test_rows_and_offset_change_together(store, queries):
    store.project([CREATED, CONFIRMED], {0: (0, 2)})
    assert store.offsets() == {0: 2, 1: 0}
    assert queries.status("O-1") == "CONFIRMED"
    assert queries.lines("O-1") == list(CREATED.lines)


def test_events_that_were_projected_by_another_change_nothing(store, queries):
    """Compare-and-set on the offset: of two writers with the same batch one loses, with all its partitions."""
    store.project([CREATED], {0: (0, 1)})
    with pytest.raises(MovedError, match=r"orders\.events:0 is not at offset 0"):
        store.project([CONFIRMED], {0: (0, 2), 1: (0, 7)})
    assert store.offsets() == {0: 1, 1: 0}
    assert queries.status("O-1") == "PENDING"


def test_an_order_created_twice_keeps_its_first_lines(store, queries):
    other = Line(product_id="LAPTOP-001", quantity=1, price=Decimal("999.99"))
    again = msgspec.structs.replace(CREATED, lines=(other,) * 3, customer_id="C-2", total=other.price * 3)
    store.project([CREATED], {0: (0, 1)})
    before = queries.orders()
    store.project([again], {0: (1, 2)})
    assert queries.lines("O-1") == list(CREATED.lines)
    assert queries.orders() == before


def test_reset_forgets_one_namespace_only(store, queries):
    bob = OrderStore(queries.engine, "bob", "orders.events")
    bob.prepare([0])
    bob.project([CREATED], {0: (0, 1)})
    store.project([CREATED], {0: (0, 1)})
    store.reset()
    assert store.offsets() == {}
    assert queries.orders() == []
    assert bob.offsets() == {0: 1}


def test_a_query_of_a_database_without_tables_says_what_is_wrong(queries):
    with pytest.raises(ReadModelError, match=r"sqlite:///.*: no such table: orders \(is the read model started\?\)"):
        queries.orders()


@pytest.fixture
def amounts():
    engine = open_engine("sqlite://")
    table = sa.Table("amounts", sa.MetaData(), sa.Column("amount", Money), sa.Column("at", UtcTime))
    table.metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection, table
    engine.dispose()


@given(st.lists(st.decimals(min_value=0, max_value=10**9, places=4), min_size=1))
def test_sums_in_sql_are_exact(numbers):
    engine = open_engine("sqlite://")
    table = sa.Table("amounts", sa.MetaData(), sa.Column("amount", Money))
    table.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"amount": number} for number in numbers])
        assert connection.scalar(sa.select(sa.func.sum(table.c.amount))) == sum(numbers)
    engine.dispose()


@pytest.mark.parametrize("amount", ["1E+30", "0.00001", "1.000000000000000000000000000001", "922337203685478", "NaN"])
def test_an_amount_that_would_be_rounded_is_refused(amounts, amount):
    connection, table = amounts
    with pytest.raises(sa.exc.StatementError, match="amount"):
        connection.execute(table.insert().values(amount=Decimal(amount)))


def test_money_comes_back_in_pence_where_it_can(amounts):
    connection, table = amounts
    connection.execute(table.insert(), [{"amount": Decimal(text)} for text in ("5", "5.1000", "5.125")])
    assert [str(amount) for amount in connection.scalars(sa.select(table.c.amount))] == ["5.00", "5.10", "5.1250"]


def test_times_come_back_in_utc(amounts):
    connection, table = amounts
    connection.execute(table.insert().values(at=AT.astimezone(timezone(timedelta(hours=5, minutes=30)))))
    found = connection.scalar(sa.select(table.c.at))
    assert found == AT
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "url",
    [
        "",
        "orders.db",
        "oracle://host/db",
        "mysql+pymysql://u:secret@host/db",
        "sqlite+nothing://",
        "postgresql+pg8000://u:secret@host/db",
        "postgresql://u:secret@host:x/db",
    ],
)
def test_a_database_that_is_not_supported_is_refused(url):
    with pytest.raises(ValueError, match=r"sqlite:///orders\.db") as refused:
        open_engine(url)
    assert "secret" not in str(refused.value)


def test_a_temporary_database_is_deleted_with_its_engine():
    engine = open_engine("sqlite://")
    file = Path(engine.url.database)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
    assert file.exists()
    engine.dispose()
    assert not file.parent.exists()
