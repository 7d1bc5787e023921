"""The commands for the embedded system: `build`, `up`, `down`, `status`, `health`, `doctor`, `serve`, `clean`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecomkafka.cli.output import Json, Namespace, UsageError, console, echo, echo_json, echo_table, mark

if TYPE_CHECKING:
    from ecomkafka.broker import Status
    from ecomkafka.operations.health import Health

PANEL = "System"


def register(app: typer.Typer) -> None:
    for command in (build, up, down, status, health, clean, doctor):
        app.command(rich_help_panel=PANEL)(command)
    app.command("serve", rich_help_panel=PANEL)(serve_one)


def build() -> None:
    """Fetch Kafka and prepare it, so that 'up' takes seconds."""
    from ecomkafka.broker.class_archive import prepared
    from ecomkafka.broker.jars import LOCK

    kafka = prepared()
    echo(f"Kafka {LOCK.version} is ready: {len(kafka.classpath)} jars, Java at {kafka.java}")


def up(
    brokers: Annotated[int | None, typer.Option(help="1, or 3: then one may be killed.")] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Encrypt every connection; with a CA of its own.")] = False,
    metrics: Annotated[bool, typer.Option("--metrics", help="Show Kafka's own metrics to Prometheus.")] = False,
    namespace: Namespace = None,
) -> None:
    """Start broker, topics and services, each a process of its own; what runs already is left alone."""
    from ecomkafka.operations import system
    from ecomkafka.settings import Settings

    settings = Settings.read(namespace)
    with console(stderr=True).status("starting"):
        done = system.up(settings, brokers, tls or None, metrics or None)
    size = (
        "an external Kafka" if done.broker.external else f"Kafka {done.broker.version}, {done.broker.brokers} broker(s)"
    )
    echo(mark(True), f" {size} at {done.broker.bootstrap}{_ways(done.broker)}")
    for service in system.SERVICES:
        echo(mark(True), f" {service}{'' if service in done.started else ' ran already'}")


def down() -> None:
    """Stop all services and the broker; what they have kept stays."""
    from ecomkafka.operations import system

    with console(stderr=True).status("stopping"):
        services, broker = system.down()
    for name in services:
        echo(f"stopped {name}")
    echo("stopped the broker" if broker else "no broker of ours ran")


def status(json: Json = False) -> None:
    """Show the broker and the services that run."""
    from ecomkafka.broker import broker
    from ecomkafka.operations.processes import entries

    found, running = broker.status(), entries()
    services = [
        {"service": e.service, "instance": e.instance, "namespace": e.namespace, "pid": e.pid, "ready": e.ready}
        for e in running
    ]
    if json:
        none: dict[str, Any] = {"bootstrap": None, "brokers": 0, "version": None, "pids": []}
        echo_json({"running": found is not None, **(asdict(found) if found else none), "services": services})
        return
    if found is None:
        echo("no broker runs: 'ecomkafka up' starts one")
    else:
        pids = f", process {', '.join(map(str, found.pids))}" if found.pids else ""
        echo(_kafka(found) + pids)
    if services:
        echo_table(list(services[0]), [list(service.values()) for service in services])


def _kafka(status: "Status") -> str:
    version = "an external Kafka" if status.external else f"Kafka {status.version}"
    return f"{version}, {status.brokers} broker(s) at {status.bootstrap}{_ways(status)}"


def _ways(status: "Status") -> str:
    """How clients get in, and where its metrics are."""
    metrics = f", metrics at {', '.join(status.metrics)}" if status.metrics else ""
    if not status.ca:
        return metrics
    ca = "" if "\n" in status.ca else f", CA {status.ca}"  # else the CA itself, of an account
    return f", encrypted{ca}{metrics}"


def health(json: Json = False, namespace: Namespace = None) -> None:
    """Show each service's process, group, lag and last commit; exit code 1 if one is not well."""
    from ecomkafka.operations.health import check
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.settings import Settings

    settings = Settings.read(namespace)
    found = check(cluster_of(settings), settings)
    well = all(service.well for service in found)
    if json:
        echo_json({"well": well, "services": [asdict(service) | {"well": service.well} for service in found]})
    else:
        echo_table(("", "service", "process", "group", "members", "lag", "last commit", "trouble"), map(_row, found))
    raise typer.Exit(0 if well else 1)


def _row(one: "Health") -> tuple[Any, ...]:
    pids, members = " ".join(map(str, one.pids)), " ".join(one.members)
    group = (one.state, members or None, one.lag, one.last_commit)
    return (mark(one.well), one.service, pids or None, *group, one.trouble)


def clean(yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False, namespace: Namespace = None) -> None:
    """Stop everything and delete all data: topics, logs, mail, payments, orders."""
    from ecomkafka.operations import system
    from ecomkafka.settings import Settings

    settings = Settings.read(namespace)
    what = f"the shop's topics at {', '.join(settings.bootstrap)}, and all data" if settings.external else "all data"
    ledger = "" if settings.payments.parent == settings.home else f", and the ledger {settings.payments}"
    where = f"in {settings.home}{ledger}"
    if not yes:
        typer.confirm(f"Delete {what} {where}?", abort=True)
    system.clean(settings)
    echo(f"deleted {what} {where}")


def doctor(json: Json = False) -> None:
    """Look at Python, settings, Java, folders, jars, ports, memory, disk and broker; exit code 1 if one is red."""
    from ecomkafka.operations.doctor import examine

    findings = examine()
    good = all(finding.good for finding in findings)
    if json:
        echo_json({"good": good, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            hint = f"  → {finding.to_do}" if finding.to_do else ""
            echo(mark(finding.good), f" {finding.what:<8} {finding.found}{hint}")
    raise typer.Exit(0 if good else 1)


def serve_one(
    service: Annotated[str, typer.Argument(help="order, inventory, notification, analytics or read-model.")],
    instance: Annotated[str, typer.Option(help="Its stable name: a second process needs another one.")] = "0",
    namespace: Namespace = None,
) -> None:
    """Run one service here, its log as JSON on stdout, until Ctrl-C or SIGTERM."""
    import sys

    from ecomkafka import logs
    from ecomkafka.operations.serve import MAKERS, serve
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.settings import Settings

    if service not in MAKERS:
        raise UsageError(f"service {service!r:.80}: {', '.join(MAKERS)} are allowed")
    settings = Settings.read(namespace)
    handler = logs.to_stream(sys.stdout, json=True)
    try:
        serve(service, instance, cluster_of(settings), settings)
    finally:
        logs.detach(handler)
