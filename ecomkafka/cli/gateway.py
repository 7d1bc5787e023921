"""The command for the HTTP API."""

import signal
import sys
import threading
from typing import Annotated

import typer

from ecomkafka.cli.output import Namespace, echo, mark

PANEL = "System"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(gateway)


def gateway(
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0: any free one.", min=0, max=65535)] = 8000,
    instance: Annotated[str, typer.Option(help="Its stable name: a second gateway needs another one.")] = "0",
    namespace: Namespace = None,
) -> None:
    """Take orders by HTTP, until Ctrl-C or SIGTERM; what it has accepted by then is in Kafka."""
    from ecomkafka import logs
    from ecomkafka.gateways.order_queries import OrderQueries
    from ecomkafka.http_api.server import Gateway
    from ecomkafka.operations.processes import check_instance, registered
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.services.order import OrderService
    from ecomkafka.settings import Settings

    settings = Settings.read(namespace)
    cluster = cluster_of(settings)
    queries = OrderQueries(settings.sql, cluster.namespace)
    handler = logs.to_stream(sys.stderr)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        with registered("gateway", check_instance(instance), cluster.namespace, ",".join(cluster.bootstrap)) as ready:
            orders = OrderService(cluster, f"gateway-{instance}")
            with Gateway(orders, queries, port=port) as running:
                ready()
                echo(mark(True), f" {running.url} takes orders; Ctrl-C ends it")
                try:
                    threading.Event().wait()
                except KeyboardInterrupt:
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    signal.signal(signal.SIGINT, signal.SIG_IGN)
    finally:
        queries.engine.dispose()
        logs.detach(handler)
