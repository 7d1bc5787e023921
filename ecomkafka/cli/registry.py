"""The command `registry`: a schema registry on this machine."""

import typer

from ecomkafka.cli.output import Json, console, echo, echo_json, mark

PANEL = "System"

registry = typer.Typer(no_args_is_help=True, help="A schema registry on this machine: Apicurio, for Avro and others.")


def register(app: typer.Typer) -> None:
    app.add_typer(registry, name="registry", rich_help_panel=PANEL)


@registry.callback()
def group() -> None:
    """A schema registry on this machine: Apicurio, for Avro and others."""


@registry.command()
def up() -> None:
    """Start it, and say where it is; the first start fetches 159 MB."""
    from ecomkafka.registry.client import API
    from ecomkafka.registry.server import changing

    with changing() as server:
        ran = server.process is not None
        server.start()
        echo(mark(True), f" the registry {'runs already' if ran else 'has started'}: {server.url}{API}")


@registry.command()
def down() -> None:
    """Stop it; the schemas stay."""
    from ecomkafka.registry.server import changing

    with console(stderr=True).status("stopping"), changing() as server:
        stopped = server.stop()
    echo("stopped the registry" if stopped else "no registry ran")


@registry.command()
def status(json: Json = False) -> None:
    """Show whether it runs, where, and what it keeps."""
    from ecomkafka.registry.client import API, Registry
    from ecomkafka.registry.server import shared

    server = shared()
    process = server.process
    url = f"{server.url}{API}" if process else None
    subjects = Registry(server.url).subjects() if process else []
    if json:
        pid = process.pid if process else None
        echo_json({"running": process is not None, "url": url, "pid": pid, "subjects": subjects})
    elif process is None:
        echo("no registry runs: 'ecomkafka registry up' starts one")
    else:
        echo(mark(True), f" registry at {url}, process {process.pid}: {len(subjects)} subject(s)")
        for subject in subjects:
            echo(f"    {subject}")
