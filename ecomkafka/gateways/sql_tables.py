"""The read model's SQL tables, and two column types on which SQLite and PostgreSQL agree: money and time.

Every row carries its namespace, so that several shops can share a database.
"""

import re
import shutil
import tempfile
import uuid
import weakref
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ecomkafka.machine import owner
from ecomkafka.messages import EXACT

DECIMALS = 4
_UNIT = 10**DECIMALS
_LIMIT = 2**63 // _UNIT
"""SQLite's integers have 64 bits: what doesn't fit there is refused on both, and so are sums beyond it on SQLite."""

URLS = "'sqlite://' (temporary), 'sqlite:///orders.db' or 'postgresql+psycopg://user:password@host/database'"


class Money(sa.types.TypeDecorator[Decimal]):
    """Exact: NUMERIC, or where there is none (SQLite) a whole number of 1/10,000, so that sums in SQL are exact too."""

    impl = sa.Numeric(19, DECIMALS)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "sqlite" else sa.Numeric(19, DECIMALS))

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        scaled = int(value.scaleb(DECIMALS, EXACT)) if value.copy_abs() < _LIMIT else None
        # Back again, since scaleb rounds what has more than 28 digits.
        if scaled is None or Decimal(scaled).scaleb(-DECIMALS, EXACT) != value:
            raise ValueError(f"amount {value}: less than {_LIMIT:,} with at most {DECIMALS} decimals is allowed")
        return scaled if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        if value is None:
            return None
        scaled = value if dialect.name == "sqlite" else int(value.scaleb(DECIMALS, EXACT))
        pence, rest = divmod(scaled, _UNIT // 100)
        return Decimal(scaled).scaleb(-DECIMALS, EXACT) if rest else Decimal(pence).scaleb(-2, EXACT)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """Aware and in UTC on both sides; SQLite has no zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


METADATA = sa.MetaData()

ORDERS = sa.Table(
    "orders",
    METADATA,
    sa.Column("namespace", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("total", Money, nullable=False),
    sa.Column("line_count", sa.Integer, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)

ORDER_LINES = sa.Table(
    "order_lines",
    METADATA,
    sa.Column("namespace", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("price", Money, nullable=False),
)

OFFSETS = sa.Table(
    "offsets",
    METADATA,
    sa.Column("namespace", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
)


def open_engine(url: str) -> sa.Engine:
    """An SQLAlchemy engine whose every wait has a limit. Raises ValueError for a wrong URL or another database."""
    shown = re.sub(r":[^:@/]*@", ":***@", url)
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(parsed)
        if (parsed.get_backend_name(), parsed.get_driver_name()) == ("postgresql", "psycopg"):
            return _open_postgresql(parsed)
    except ModuleNotFoundError as error:
        raise ValueError(f"database url {shown!r}: {error}; for PostgreSQL: pip install 'psycopg[binary]'") from error
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ValueError(f"database url {shown!r}: {URLS} is needed") from error
    raise ValueError(f"database url {shown!r}: {URLS} is needed")


def _open_postgresql(url: sa.URL) -> sa.Engine:
    from ecomkafka.gateways.postgres import LIMITS, LimitedConnection

    engine = sa.create_engine(url, connect_args=LIMITS, pool_timeout=5)

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: sa.Dialect, _record: Any, arguments: Any, settings: Any) -> LimitedConnection:
        return LimitedConnection.connect(*arguments, **settings)

    return engine


def _open_sqlite(url: sa.URL) -> sa.Engine:
    folder = None
    if url.database in (None, "", ":memory:"):
        # One in memory has one connection for all threads; a file lets them read while another writes.
        folder = Path(tempfile.gettempdir(), f"{owner.ORDERS}{uuid.uuid4().hex}")
        url = url.set(database=str(folder / "orders.db"))
    engine = sa.create_engine(url, connect_args={"timeout": 3, "check_same_thread": False}, pool_timeout=5)

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")  # readers don't wait for the projection
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine if folder is None else _temporary(engine, folder)


def _temporary(engine: sa.Engine, folder: Path) -> sa.Engine:
    """The folder is there from the engine's first connection until it is disposed of, or the program ends.

    If the program is killed, the next start deletes it.
    """
    ownership = owner.Ownership(folder)

    @sa.event.listens_for(engine, "do_connect")
    def make(*_: Any) -> None:
        if not folder.exists():
            ownership.acquire()
            folder.mkdir(mode=0o700, exist_ok=True)

    @sa.event.listens_for(engine, "engine_disposed")
    def remove(_: sa.Engine) -> None:
        _remove(folder, ownership)

    weakref.finalize(engine, _remove, folder, ownership)
    return engine


def _remove(folder: Path, ownership: owner.Ownership) -> None:
    if ownership.is_mine:
        shutil.rmtree(folder, ignore_errors=True)
        ownership.release()
