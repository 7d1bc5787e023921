"""The command `invariants`: what must be true of the shop, and whether it is."""

import typer

from ecomkafka.cli.output import Json, Namespace, echo, echo_json, mark

PANEL = "System"
SHOWN = 3


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(invariants)


def invariants(json: Json = False, namespace: Namespace = None) -> None:
    """Check that nothing was lost or doubled, as soon as the shop is quiet; exit code 1 if anything was."""
    from ecomkafka.invariants import INVARIANTS
    from ecomkafka.invariants.check import check, unchecked
    from ecomkafka.invariants.system_facts import facts_of
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.settings import Settings

    settings = Settings.read(namespace)
    facts = facts_of(cluster_of(settings), settings)
    found, notes = check(facts), unchecked(facts)
    hold = not any(found.values())
    if json:
        rows = [
            {
                "invariant": invariant.__name__,
                "holds": None if invariant.__name__ not in found else not found[invariant.__name__],
                "protects": invariant.__doc__,
                "not_checked": notes.get(invariant.__name__),
                "violations": [violation._asdict() for violation in found.get(invariant.__name__, ())],
            }
            for invariant in INVARIANTS
        ]
        echo_json({"hold": hold, "invariants": rows})
        raise typer.Exit(0 if hold else 1)
    for invariant in INVARIANTS:
        name = invariant.__name__.replace("_", " ")
        if invariant.__name__ not in found:
            echo(f"– {name}: {notes[invariant.__name__]}")
            continue
        violations = found[invariant.__name__]
        echo(mark(not violations), f" {name}: {invariant.__doc__}")
        for who, what in violations[:SHOWN]:
            echo(f"    {who}: {what}")
        if invariant.__name__ in notes:
            echo(f"    {notes[invariant.__name__]}")
        if len(violations) > SHOWN:
            echo(f"    and {len(violations) - SHOWN} more")
    raise typer.Exit(0 if hold else 1)
