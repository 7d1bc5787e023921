"""What services need besides Kafka, tried before they are started: `up` and the doctor ask the same."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.home import may_write
from ecomkafka.machine.listening import listener
from ecomkafka.operations.serve import MAKERS, READ_MODEL
from ecomkafka.settings import Settings, sqlite_url

_OTHER_LEDGER = "point ECOMKAFKA_PAYMENTS at another file"
_OTHER_DATABASE = "choose another one with ECOMKAFKA_SQL"
_OTHER_PORT = "set ECOMKAFKA_METRICS to another one"


def check_services(settings: Settings, services: Collection[str]) -> None:
    """Raise BrokerError with the reason if one of `services`, of which none runs, could not be started here."""
    if "order" in services and (wrong := _wrong_with(settings.payments)):
        raise BrokerError(f"the payment ledger {settings.payments} can't be used ({wrong}): {_OTHER_LEDGER}")
    if READ_MODEL in services:
        _check_database(settings)
    if settings.metrics:
        _check_metrics(settings, services)


def _check_database(settings: Settings) -> None:
    own = settings.home / "orders.sqlite"
    if settings.sql == sqlite_url(own):  # as nearly always, and SQLAlchemy takes long
        shown, wrong = str(own), _wrong_with(own)
    else:
        shown, wrong = _asked(settings.sql)
    if wrong:
        raise BrokerError(f"the read model's database {shown} can't be used ({wrong}): {_OTHER_DATABASE}")


def _asked(url: str) -> tuple[str, str | None]:
    """The database without its password, and what is wrong with it."""
    from sqlalchemy.exc import SQLAlchemyError

    from ecomkafka.gateways.sql_tables import open_engine

    try:
        engine = open_engine(url)
    except ValueError as error:
        raise BrokerError(f"ECOMKAFKA_SQL: {error}") from error
    shown = engine.url.render_as_string()
    try:
        if engine.url.get_backend_name() == "sqlite":
            temporary = url in ("sqlite://", "sqlite:///", "sqlite:///:memory:")
            return shown, None if temporary or engine.url.query else _wrong_with(Path(engine.url.database or ""))
        engine.connect().close()
    except SQLAlchemyError as error:
        return shown, " ".join(str(getattr(error, "orig", None) or error).split())
    finally:
        engine.dispose()
    return shown, None


def _wrong_with(file: Path) -> str | None:
    """Why SQLite could not write the file; None if it could. Nothing is made, and one that is locked is good."""
    if not file.parent.is_dir():
        return "its folder is not there"
    if file.is_dir():
        return "it is a folder"
    if not (may_write(file) and may_write(file.parent)):
        return "this user may not write it"
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as database:
            database.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        return None if error.sqlite_errorcode == sqlite3.SQLITE_BUSY else str(error)
    return None


def _check_metrics(settings: Settings, services: Collection[str]) -> None:
    if find_spec("prometheus_client") is None:
        raise BrokerError("ECOMKAFKA_METRICS needs prometheus_client: pip install 'ecomkafka[metrics]', or unset it")
    for number, service in enumerate(MAKERS):
        if service in services:
            try:
                listener(settings.listen, settings.metrics + number, _OTHER_PORT).close()
            except RuntimeError as error:
                raise BrokerError(str(error)) from error
