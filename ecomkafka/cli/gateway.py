"""The command `gateway`: takes orders by HTTP on this machine."""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from ecomkafka.cli.output import Namespace, UsageError, echo, mark

PANEL = "System"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(gateway)


def gateway(
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0: any free one.", min=0, max=65535)] = 8000,
    instance: Annotated[str, typer.Option(help="Its stable name: a second gateway needs another one.")] = "0",
    keys: Annotated[Path | None, typer.Option(help="A file of API keys: then each client needs one.")] = None,
    new_key: Annotated[str | None, typer.Option(help="Add a key for this client to the file, print it, end.")] = None,
    namespace: Namespace = None,
) -> None:
    """Take orders by HTTP, until Ctrl-C or SIGTERM; what it has accepted by then is in Kafka."""
    if new_key is not None:
        from ecomkafka.http_api.api_keys import add_key

        if keys is None:
            raise UsageError("--new-key needs --keys as well: the file to which the key's hash is added")
        echo(add_key(keys, new_key))
    else:
        _serve(port, instance, keys, namespace)


def _serve(port: int, instance: str, keys: Path | None, namespace: str | None) -> None:
    from ecomkafka import logs
    from ecomkafka.gateways.order_queries import OrderQueries
    from ecomkafka.http_api.api_keys import ApiKeys
    from ecomkafka.http_api.limits import Limits
    from ecomkafka.http_api.server import Gateway
    from ecomkafka.machine.open_files import allow_open_files
    from ecomkafka.operations.processes import check_instance, registered
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.services.order import OrderService
    from ecomkafka.settings import Settings

    known = ApiKeys.read(keys) if keys is not None else None
    allow_open_files(2 * Limits().connections)
    settings = Settings.read(namespace)
    cluster = cluster_of(settings)
    queries = OrderQueries(settings.sql, cluster.namespace)
    handler = logs.to_stream(sys.stderr)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        with registered("gateway", check_instance(instance), cluster.namespace, ",".join(cluster.bootstrap)) as ready:
            orders = OrderService(cluster, f"gateway-{instance}")
            with Gateway(
                orders, queries, port=port, keys=known, metrics=bool(settings.metrics), host=settings.listen
            ) as running:
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
