"""A PostgreSQL for the tests: the one at ECOMKAFKA_TEST_POSTGRES, else a private one where it is installed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ecomkafka.lessons.outbox import private_postgres

URL = "ECOMKAFKA_TEST_POSTGRES"
"""Environment variable: the URL of a PostgreSQL database to use instead of a private server."""

HOW_TO_GET = f"install PostgreSQL (Debian: apt-get install postgresql) or set {URL} to postgresql+psycopg://user:password@host/database"


def available() -> bool:
    return URL in os.environ or private_postgres.programs() is not None


@contextmanager
def server() -> Iterator[str]:
    """The SQLAlchemy URL of a database; a private server is stopped and deleted at the end."""
    if URL in os.environ:
        yield os.environ[URL]
        return
    with private_postgres.server({"synchronous_commit": "off"}) as url:
        yield url
