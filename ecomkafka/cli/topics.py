"""The commands for Kafka itself: topics and consumer groups."""

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecomkafka.cli.output import Json, Namespace, echo, echo_json, echo_table

if TYPE_CHECKING:
    from ecomkafka.clients.admin import Described

PANEL = "Kafka"


def register(app: typer.Typer) -> None:
    for command in (create_topics, list_topics, groups, kafka_ui):
        app.command(rich_help_panel=PANEL)(command)


def create_topics(
    profile: Annotated[
        str | None,
        typer.Option(help="development or production (ECOMKAFKA_PROFILE).", show_default=False),
    ] = None,
    stock: Annotated[bool, typer.Option("--stock", help="Bring in the opening stock too; it counts once.")] = False,
    namespace: Namespace = None,
) -> None:
    """Create the topics that are missing; 'up' does it, an external Kafka's may need it."""
    from ecomkafka.clients import admin
    from ecomkafka.operations.system import cluster_of, opening_stock
    from ecomkafka.settings import Settings

    settings = Settings.read(namespace)
    cluster = cluster_of(settings)
    created = admin.create_topics(cluster, profile)
    for name in created:
        echo(f"created {name}")
    if not created:
        echo("all topics are there already")
    if stock:
        opening_stock(cluster)
        echo("the opening stock is on the shelves")


def list_topics(json: Json = False, namespace: Namespace = None) -> None:
    """Show the topics with their settings as they are on the broker."""
    from ecomkafka.clients.admin import describe_topics
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.settings import Settings

    topics = describe_topics(cluster_of(Settings.read(namespace)))
    if json:
        echo_json({"topics": [asdict(topic) for topic in topics]})
        return
    if not topics:
        echo("no topics yet: 'ecomkafka create-topics' makes them")
        return
    columns = ("topic", "partitions", "replication", "min ISR", "cleanup", "retention", "compression")
    echo_table(columns, map(_row, topics))


def _row(topic: "Described") -> tuple[Any, ...]:
    of = topic.settings
    shape = (topic.name, topic.partitions, topic.replication, of["min.insync.replicas"])
    return (*shape, of["cleanup.policy"], _kept(of), of["compression.type"])


def _kept(settings: dict[str, str]) -> str:
    if settings["cleanup.policy"] == "compact":
        return "newest of each key"
    return f"{timedelta(milliseconds=int(settings['retention.ms'])) / timedelta(days=1):g} d"


def groups(json: Json = False, namespace: Namespace = None) -> None:
    """Show for each group and partition the committed offset, the end, the lag and the time of the last commit."""
    from ecomkafka.clients.groups import lags, memberships
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.settings import Settings

    cluster = cluster_of(Settings.read(namespace))
    lags_found, members = lags(cluster), memberships(cluster)
    if json:
        found = [m._asdict() | {"partitions": [p._asdict() for p in lags_found if p.group == m.group]} for m in members]
        echo_json({"groups": found})
        return
    echo_table(("group", "state", "members"), [(m.group, m.state, " ".join(m.members) or None) for m in members])
    echo("")
    echo_table(("group", "topic", "partition", "committed", "end", "lag", "last commit"), lags_found)


def kafka_ui() -> None:
    """Say where to look at what is in Kafka."""
    echo(
        "embedded: 'ecomkafka list-topics', 'ecomkafka groups', 'ecomkafka trace ORDER_ID', a notebook: 'ecomkafka lab'"
    )
    echo("docker compose (make up DOCKER=1): Kafka UI at http://localhost:8080")
