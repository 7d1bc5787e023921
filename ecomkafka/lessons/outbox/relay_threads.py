"""The threads of the two relays: one polls the outbox, one reads PostgreSQL's log."""

import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ecomkafka.lessons.outbox import private_postgres
from ecomkafka.lessons.outbox.relay import Relay

_SLOT = "relay"
_TEXTS = r" topic\[text\]:'([^']*)' key\[text\]:'([^']*)' value\[text\]:'([^']*)'"
_INSERTED = re.compile(rf"table public\.outbox: INSERT: id\[bigint\]:\d+{_TEXTS}")
_SECONDS = 10.0


@contextmanager
def polling(relay: Relay, seconds: float) -> Iterator[None]:
    """Ask the outbox every `seconds`, as long as the block runs."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.wait(seconds):
            relay.run_once()

    with _thread(work):
        try:
            yield
        finally:
            stopping.set()


@contextmanager
def reading_log(engine: sa.Engine, url: str, producer: Any) -> Iterator[None]:
    """Publish each row of the outbox as PostgreSQL sends its change, as long as the block runs.

    The database keeps its log for this reader (a replication slot), which is told to it again and again up to where
    the reader has come. `pg_recvlogical` speaks the protocol for that: PostgreSQL sends, and nobody asks.
    """
    with engine.begin() as sql:
        sql.execute(sa.text(f"SELECT pg_create_logical_replication_slot('{_SLOT}', 'test_decoding')"))
    with _receiver(url) as receiver:

        def work() -> None:
            for line in receiver.stdout:
                if found := _INSERTED.match(line):
                    topic, key, value = found.groups()
                    producer.send(topic, key=key.encode(), value=value.encode())

        with _thread(work):
            try:
                yield
            finally:
                receiver.terminate()


@contextmanager
def _receiver(url: str) -> Iterator[Any]:
    where = sa.make_url(url)
    program = private_postgres.program("pg_recvlogical")
    command = [str(program), "-h", str(where.host), "-p", str(where.port), "-U", str(where.username), "-w",
               "-d", str(where.database), "-S", _SLOT, "--start", "-n", "-f", "-"]  # fmt: skip
    environment = os.environ | {"PGPASSWORD": str(where.password)}
    receiver = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    with receiver:
        try:
            yield receiver
        finally:
            receiver.kill()


@contextmanager
def _thread(work: Callable[[], None]) -> Iterator[None]:
    """A thread of the block; what it raises is raised at the block's end."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            yield
        finally:
            future.result(timeout=_SECONDS)
