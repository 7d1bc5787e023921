"""The commands for orders: `create-order`, `trace` and `report`."""

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecomkafka.cli.output import Json, Namespace, UsageError, echo, echo_json, echo_table, mark

if TYPE_CHECKING:
    from ecomkafka.clients import Cluster
    from ecomkafka.messages import OrderEvent

PANEL = "Orders"
BEST = 10
MAX_DIGITS = 9
"""Of a quantity; the order service allows fewer, and says so."""
WAIT_SECONDS = 45.0
"""Longer than a saga's deadline: a healthy shop ends every order in this time."""


def register(app: typer.Typer) -> None:
    for command in (create_order, trace, report):
        app.command(rich_help_panel=PANEL)(command)


def create_order(
    customer: Annotated[str, typer.Option(help="Who orders.")] = "customer-123",
    item: Annotated[list[str], typer.Option(help="PRODUCT=QUANTITY; may be given several times.")] = [  # noqa: B006
        "LAPTOP-001=1"
    ],
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the order's end.")] = False,
    json: Json = False,
    namespace: Namespace = None,
) -> None:
    """Place an order with the running system."""
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.services.inventory import InventoryService
    from ecomkafka.services.order import OrderService
    from ecomkafka.settings import Settings

    items = [_item(text) for text in item]
    cluster = cluster_of(Settings.read(namespace))
    before = _ends(cluster)
    client = OrderService(cluster, f"cli-{os.getpid()}")
    try:
        ordered = {item["product_id"] for item in items} & client.catalogue.keys()
        InventoryService(cluster).check_places({product_id: client.catalogue[product_id] for product_id in ordered})
        order_id = client.create_order(customer_id=customer, items=items)
    finally:
        client.stop()
    if not wait:
        if json:
            echo_json({"order_id": order_id})
        else:
            echo(order_id)
        return
    end = _await_end(cluster, before, order_id)
    if json:
        reason = getattr(end, "reason", None)
        echo_json({"order_id": order_id, "status": _status(end), "reason": reason, "total": end.total})
    else:
        reason = f" ({end.reason})" if hasattr(end, "reason") else ""
        echo(f"{order_id} {_status(end)}{reason}, total {end.total}")


def _status(end: "OrderEvent") -> str:
    return end.type.removeprefix("ORDER_")


def _item(text: str) -> dict[str, Any]:
    product_id, _, quantity = text.rpartition("=")
    if not product_id or not quantity.isdecimal() or len(quantity) > MAX_DIGITS:
        needed = f"PRODUCT=QUANTITY is needed, with at most {MAX_DIGITS} digits, for example LAPTOP-001=2"
        raise UsageError(f"--item {text!r:.80}: {needed}")
    return {"product_id": product_id, "quantity": int(quantity)}


def _ends(cluster: "Cluster") -> dict[Any, int]:
    """Where the orders' events end now. Raises LookupError if there are no topics."""
    from ecomkafka.clients.reader import partitions_of

    with cluster.consumer() as consumer:
        ends: dict[Any, int] = consumer.end_offsets(partitions_of(consumer, cluster, "orders.events"))
        return ends


def _await_end(cluster: "Cluster", starts: dict[Any, int], order_id: str) -> "OrderEvent":
    """The event that ends the order, read from the log. Raises TimeoutError after WAIT_SECONDS."""
    from ecomkafka.clients.reader import to_record
    from ecomkafka.messages import OrderCancelled, OrderConfirmed

    deadline = time.monotonic() + WAIT_SECONDS
    with cluster.consumer() as consumer:
        consumer.assign(list(starts))
        for partition, start in starts.items():
            consumer.seek(partition, start)
        while time.monotonic() < deadline:
            for batch in consumer.poll(timeout_ms=200).values():
                for message in (to_record(cluster, raw).message for raw in batch):
                    if isinstance(message, OrderConfirmed | OrderCancelled) and message.order_id == order_id:
                        return message
    raise TimeoutError(
        f"order {order_id} has not ended in {WAIT_SECONDS:.0f} s: "
        f"'ecomkafka health' and 'ecomkafka trace {order_id}' show where it is"
    )


def trace(
    order_id: str,
    zipkin: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="Its spans for Zipkin, for example http://localhost:9411.")
    ] = None,
    otlp: Annotated[
        str | None,
        typer.Option(metavar="FILE|URL", help="Its spans for OpenTelemetry or Jaeger: http://localhost:4318."),
    ] = None,
    view: Annotated[
        bool, typer.Option("--view", help="Show its spans in Zipkin's page, until Ctrl-C; the first use fetches it.")
    ] = False,
    json: Json = False,
    namespace: Namespace = None,
) -> None:
    """Show every record of an order's saga: where it is, and what caused it; or give its spans to a trace viewer."""
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.settings import Settings
    from ecomkafka.shop.trace import trace as trace_of

    if view and (json or zipkin or otlp):
        raise UsageError("--view shows a page and ends with Ctrl-C: leave --zipkin, --otlp and --json out")
    cluster = cluster_of(Settings.read(namespace))
    if view:
        _view_spans(cluster, order_id)
        return
    if zipkin is not None or otlp is not None:
        deliveries = _deliver_spans(cluster, order_id, zipkin, otlp)
        if json:
            echo_json({"order_id": order_id, "deliveries": deliveries})
        for delivery in () if json else deliveries:
            echo(mark(True), f" {delivery['spans']} spans of trace {delivery['trace_id']}: {delivery['to']}")
        return
    records = trace_of(cluster, order_id)
    if json:
        echo_json({"order_id": order_id, "records": records.to_dict("records")})
    else:
        echo_table(list(records.columns), records.itertuples(index=False))


def _deliver_spans(
    cluster: "Cluster", order_id: str, zipkin_target: str | None, otlp_target: str | None
) -> list[dict[str, Any]]:
    from ecomkafka.shop.trace import spans_of
    from ecomkafka.telemetry import otlp, zipkin
    from ecomkafka.telemetry.delivery import deliver

    spans = spans_of(cluster, order_id)
    return [
        {
            "spans": len(spans),
            "trace_id": spans[0].trace_id,
            "to": deliver(form.encoded(spans), target, form.PATH),
        }
        for form, target in ((zipkin, zipkin_target), (otlp, otlp_target))
        if target is not None
    ]


def _view_spans(cluster: "Cluster", order_id: str) -> None:
    from ecomkafka.shop.trace import spans_of
    from ecomkafka.telemetry import zipkin
    from ecomkafka.telemetry.delivery import deliver
    from ecomkafka.telemetry.zipkin_server import zipkin_server

    spans = spans_of(cluster, order_id)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        with zipkin_server() as server:
            deliver(zipkin.encoded(spans), server.spans, zipkin.PATH)
            echo(mark(True), f" {server.page(spans[0].trace_id)} shows {len(spans)} spans; Ctrl-C ends it")
            threading.Event().wait()
    except KeyboardInterrupt:
        echo("Zipkin has ended")


def report(json: Json = False, namespace: Namespace = None) -> None:
    """Print the WINDOW REPORT and the sales figures."""
    import msgspec

    from ecomkafka.clients.reader import read
    from ecomkafka.domain.sales import sales
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.services.analytics import late, windows
    from ecomkafka.settings import Settings
    from ecomkafka.shop.report import window_report

    cluster = cluster_of(Settings.read(namespace))
    found, too_late = windows(cluster), late(cluster)
    figures = sales(record.message for record in read(cluster, "orders.events") if record.message)
    if json:
        echo_json({"windows": [msgspec.structs.asdict(w) for w in found], "late": too_late, "sales": figures})
        return
    echo(window_report(found, too_late))
    echo("\n🏆 BEST SELLERS")
    best = ((sold.product_id, sold.units, f"{sold.revenue:,.2f}") for sold in figures.best_sellers[:BEST])
    echo_table(("product", "units", "revenue"), best)
