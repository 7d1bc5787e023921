"""How long a message waits in the outbox, and how often the database is asked: by polling, and by reading its log.

Orders come at a steady pace, and a relay publishes each. Its delay goes from the SQL commit to the broker's answer.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from importlib import resources
from typing import Any

import msgspec
import pandas as pd
import sqlalchemy as sa
from kafka.admin import NewTopic

from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import delete
from ecomkafka.gateways.sql_tables import open_engine
from ecomkafka.lessons.outbox import outbox, overtaking, private_postgres
from ecomkafka.lessons.outbox.relay import Relay
from ecomkafka.lessons.outbox.relay_threads import polling, reading_log
from ecomkafka.lessons.outbox.tables import METADATA
from ecomkafka.waiting import until

EVERY_MS = (1_000, 100, 10)
"""How often a relay polls."""

ORDERS, PAUSE = 75, 0.04
"""Orders come for three seconds: a whole number of the longest intervals."""

TOPIC = "outbox-delay"
FROM_LOG = "from the database's log"
RECORDED = "recorded_delay.json"
COLUMNS = ["way", "median ms", "95% below ms", "queries/s"]

_SECONDS = 30.0


class Watch:
    """A producer that notes when the broker has answered each message."""

    def __init__(self, producer: Any) -> None:
        self.producer = producer
        self.answered: dict[str, float] = {}

    def send(self, topic: str, *, key: bytes, **rest: Any) -> Any:
        future = self.producer.send(topic, key=key, **rest)
        return future.add_callback(lambda _: self.answered.update({key.decode(): time.perf_counter()}))


def measure(cluster: Cluster) -> tuple[str, pd.DataFrame]:
    """On which database, and one row per way of COLUMNS. Where there is no PostgreSQL, the polling is measured on
    SQLite, and reading the log is the recorded row.
    """
    if overtaking.available():
        with private_postgres.server(overtaking.SETTINGS) as url:
            return "PostgreSQL", measured(cluster, url)
    both = [measured(cluster, "sqlite://"), recorded().tail(1)]
    return "SQLite; the last row was recorded on PostgreSQL", pd.concat(both, ignore_index=True)


def recorded() -> pd.DataFrame:
    """What was measured on a PostgreSQL once, the polling as well."""
    rows = msgspec.json.decode((resources.files(__package__) / RECORDED).read_bytes())
    return pd.DataFrame(rows, columns=COLUMNS)


def measured(cluster: Cluster, url: str) -> pd.DataFrame:
    with _topic(cluster) as topic, _database(url) as engine, closing(cluster.producer(linger_ms=0)) as producer:
        producer.send(topic, b"the first one is the slow one").get(timeout=_SECONDS)
        rows = []
        for ms in EVERY_MS:
            watch = Watch(producer)
            relay = polling(Relay(engine, watch, "delay"), ms / 1_000)
            rows.append((f"polled every {ms:,} ms", *_delays(engine, topic, watch, relay)))
        if engine.dialect.name == "postgresql":
            watch = Watch(producer)
            rows.append((FROM_LOG, *_delays(engine, topic, watch, reading_log(engine, url, watch))))
    return pd.DataFrame(rows, columns=COLUMNS)


def _delays(
    engine: sa.Engine, topic: str, watch: Watch, relay: AbstractContextManager[None]
) -> tuple[float, float, float]:
    """Place the orders while `relay` runs: the median and the 95th percentile of their delays, and queries/s."""
    committed: dict[str, float] = {}
    with _asked(engine) as queries, relay:
        began, pace = time.perf_counter(), threading.Event()
        for number in range(ORDERS):
            with engine.begin() as sql:
                outbox.put(sql, topic, str(number), "{}")
            committed[str(number)] = time.perf_counter()
            pace.wait(PAUSE)
        until(lambda: len(watch.answered) == ORDERS, _SECONDS, "the last order in Kafka")
        seconds = time.perf_counter() - began
    waited = pd.Series([1_000 * max(0.0, watch.answered[key] - at) for key, at in committed.items()])
    return float(waited.median()), float(waited.quantile(0.95)), queries[False] / seconds


@contextmanager
def _asked(engine: sa.Engine) -> Iterator[Counter[bool]]:
    """How many statements this thread (True) has given to the database, and how many all others (False)."""
    mine, found = threading.get_ident(), Counter[bool]()

    def note(*_: Any) -> None:
        found[threading.get_ident() == mine] += 1

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@contextmanager
def _database(url: str) -> Iterator[sa.Engine]:
    engine = open_engine(url)
    try:
        METADATA.create_all(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _topic(cluster: Cluster) -> Iterator[str]:
    """A topic of one partition, gone afterwards."""
    name = cluster.name(TOPIC)
    with closing(cluster.admin()) as admin:
        admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=-1)])
        admin.wait_for_topics([name], timeout_ms=15_000)
        try:
            yield name
        finally:
            delete(admin, [name])
