"""The command `schemas`: whether the messages of this version fit to those of the released ones."""

from pathlib import Path
from typing import Annotated

import typer

from ecomkafka.cli.output import Json, echo, echo_json, mark
from ecomkafka.contracts.releases import Level

PANEL = "System"

Folder = Annotated[Path, typer.Option(help="The folder of the released schemas: v1, v2, …")]
Levels = Annotated[
    list[Level] | None, typer.Option("--level", help="Another rule than the shop's: full and backward-transitive")
]

schemas = typer.Typer(no_args_is_help=True, help="The messages' schemas, and those of the released versions.")


def register(app: typer.Typer) -> None:
    app.add_typer(schemas, name="schemas", rich_help_panel=PANEL)


@schemas.callback()
def group() -> None:
    """The messages' schemas, and those of the released versions."""


@schemas.command()
def check(folder: Folder = Path("schemas"), level: Levels = None, json: Json = False) -> None:
    """Check that old and new versions can read each other's messages; exit code 1 if not."""
    from ecomkafka.contracts.releases import POLICY, load, problems
    from ecomkafka.contracts.schema import by_type
    from ecomkafka.contracts.schema import schemas as of_today

    releases, levels = load(folder), tuple(level or POLICY)
    current = by_type(of_today())
    found = list(dict.fromkeys(problem for each in levels for problem in problems(releases, current, each)))
    rule = " and ".join(levels)
    if json:
        rows = [
            {"type": p.type, "release": p.release, "breaks": p.who, "field": p.found.field, "what": p.found.what,
             "allowed": p.found.allowed}
            for p in found
        ]  # fmt: skip
        echo_json({"compatible": not found, "rule": rule, "problems": rows})
    else:
        names = ", ".join(release.name for release in releases)
        echo(mark(not found), f" {len(current)} messages against {names}, {rule}: {len(found) or 'no'} problem(s)")
        for problem in found:
            echo(f"    {problem}")
    raise typer.Exit(1 if found else 0)
