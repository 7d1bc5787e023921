"""The five-minute windows by three engines: with 1, 2 and 4 workers, and from the start.

Workers are warm when the clock starts: half of the events was theirs already. The other half is written in one
transaction, so nobody reads one of them before its commit: then the clock starts. The topic has four partitions.
Figures that differ from the shop's own windows by a penny end the run.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.fleet import Usage, usage_of
from benchmarks.surroundings import namespace
from benchmarks.targets import Found, grid
from benchmarks.weeks import SECONDS, TOPIC, Event, Figures, events, expected, send
from benchmarks.window_engines import ENGINES, Engine
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.flow import HOPS
from ecomkafka.messages import encode
from ecomkafka.waiting import until

QUICK: dict[str, Any] = {"weeks": 2, "workers": (1,)}
PARTITIONS = 4
COLD_WORKERS = 2


def run(
    broker: Broker, weeks: int = 26, workers: Sequence[int] = (1, 2, 4), file: Path | None = None
) -> dict[str, Any]:
    """By engine: from the start, the shipped week, and a retailer's `file` or the same week again and again; warm, the
    events of so many `weeks` by so many `workers`.
    """
    many = {"the whole real file": list(events(file=file))} if file else {f"{weeks} weeks": list(events(weeks))}
    sent = {"the week": list(events())} | many
    twice = list(events(2 * weeks))
    return {
        "cold": [_cold(broker, engine, *which) for engine in ENGINES for which in sent.items()],
        "warm": [_warm(broker, engine, count, twice) for engine in ENGINES for count in workers],
    }


def _cold(broker: Broker, engine: type[Engine], what: str, sent: list[Event]) -> dict[str, Any]:
    """Two workers, from the start of their processes to the last figure; all events are there before."""
    with _topics(broker, engine) as cluster:
        send(cluster, sent)
        began = time.monotonic()
        with engine(cluster, COLD_WORKERS) as running:
            running.finish()
            found = running.figures()
            seconds, used = time.monotonic() - began, running.usage()
        _check(engine, found, sent)
    figures = {"seconds": seconds, "cpu_s": used.cpu_s, "rss_mb": used.rss_mb, "disk_mb": engine.disk_mb()}
    return {"engine": engine.name, "what": what, "events": len(sent), **figures}


def _warm(broker: Broker, engine: type[Engine], workers: int, sent: list[Event]) -> dict[str, Any]:
    first = len(sent) // 2
    with _topics(broker, engine) as cluster, engine(cluster, workers) as running:
        send(cluster, sent[:first])
        running.finish()
        with _hidden(cluster, sent[first:]) as show:
            before, of_broker, began = running.usage(), _usage(broker), time.monotonic()
            show()
            running.finish()
            seconds = time.monotonic() - began
        after, its = running.usage(), _usage(broker)
        _check(engine, running.figures(), sent)
    count = len(sent) - first
    return {
        "engine": engine.name,
        "workers": workers,
        "events_per_s": count / seconds,
        "cpu_us": (after.cpu_s - before.cpu_s) / count * 1e6,
        "broker_cpu_us": (its.cpu_s - of_broker.cpu_s) / count * 1e6,
        "rss_mb": after.rss_mb,
    }


@contextmanager
def _topics(broker: Broker, engine: type[Engine]) -> Iterator[Cluster]:
    """The shop's topics; those that analytics reads and writes have PARTITIONS."""
    with (
        namespace(broker.bootstrap, f"streams-{engine.__name__.lower()}") as cluster,
        closing(cluster.admin()) as admin,
    ):
        topics = [cluster.name(topic) for topic in (*HOPS["analytics"].reads, "analytics.windows")]
        admin.create_partitions(dict.fromkeys(topics, PARTITIONS))
        until(
            lambda: all(len(topic["partitions"]) == PARTITIONS for topic in admin.describe_topics(topics)),
            SECONDS,
            f"{PARTITIONS} partitions of {', '.join(topics)}",
        )
        yield cluster


@contextmanager
def _hidden(cluster: Cluster, sent: list[Event]) -> Iterator[Any]:
    """The events are on the topic, in a transaction that the yielded function commits."""
    with closing(cluster.producer("hidden", transaction_timeout_ms=60_000)) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        for event in sent:
            producer.send(cluster.name(TOPIC), encode(event), key=event.order_id.encode())
        producer.flush(timeout=SECONDS)
        yield producer.commit_transaction


def _usage(broker: Broker) -> Usage:
    return usage_of([process.pid for node in broker.nodes if (process := node.process)])


def _check(engine: type[Engine], found: Figures, sent: list[Event]) -> None:
    if (right := expected(sent)) != found:
        wrong = [start for start in sorted(right | found) if right.get(start) != found.get(start)]
        raise RuntimeError(f"{engine.name}: {len(wrong)} of {len(right)} windows are wrong, the first of {wrong[0]}")


def shown(found: Found) -> str:
    """Two tables: from the start, and warm."""
    streams = found["streams"]
    heads: tuple[str, ...] = ("from the start", "of", "events", "seconds", "CPU s", "memory, MB", "more on disk, MB")
    cold = grid(heads, map(_cold_row, streams["cold"]))
    heads = ("warm", "workers", "events/s", "to one worker", "CPU µs an event", "of the broker", "memory, MB")
    warm = grid(heads, (_warm_row(row, _of_one(streams, row["engine"])) for row in streams["warm"]))
    return f"{cold}\n\n{warm}"


def _cold_row(row: Found) -> tuple[str, ...]:
    times = (f"{row['events']:,}", f"{row['seconds']:.1f}", f"{row['cpu_s']:.1f}")
    return row["engine"], row["what"], *times, f"{row['rss_mb']:,.0f}", f"{row['disk_mb']:,.1f}"


def _warm_row(row: Found, of_one: float) -> tuple[str, ...]:
    rate = row["events_per_s"]
    costs = (f"{row['cpu_us']:,.0f}", f"{row['broker_cpu_us']:,.0f}", f"{row['rss_mb']:,.0f}")
    return row["engine"], str(row["workers"]), f"{rate:,.0f}", f"{rate / of_one:.2f} ×", *costs


def _of_one(streams: Found, engine: str) -> float:
    return next(float(row["events_per_s"]) for row in streams["warm"] if row["engine"] == engine)
