"""The command `invariants`: what must be true of the shop, and whether it is."""

import typer

from ecomkafka.cli.output import Json, Namespace, console, mark, say, say_json

PANEL = "System"
SHOWN = 3


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(invariants)


def invariants(json: Json = False, namespace: Namespace = None) -> None:
    """Check that nothing was lost or doubled, as soon as the shop is quiet; exit code 1 if anything was."""
    from ecomkafka.lab.invariants import INVARIANTS
    from ecomkafka.lab.running import facts_of
    from ecomkafka.lab.verdict import check
    from ecomkafka.settings import Settings
    from ecomkafka.system import cluster_of

    settings = Settings.read(namespace)
    found = check(facts_of(cluster_of(settings), settings))
    sentences = {invariant.__name__: str(invariant.__doc__) for invariant in INVARIANTS}
    hold = not any(found.values())
    if json:
        rows = [
            {
                "invariant": name,
                "holds": not violations,
                "protects": sentences[name],
                "violations": [violation._asdict() for violation in violations],
            }
            for name, violations in found.items()
        ]
        say_json({"hold": hold, "invariants": rows})
        raise typer.Exit(0 if hold else 1)
    for name, violations in found.items():
        say(f"{mark(not violations)} {name.replace('_', ' ')}: {sentences[name]}")
        for who, what in violations[:SHOWN]:
            console().print(f"    {who}: {what}", markup=False, soft_wrap=True)
        if len(violations) > SHOWN:
            say(f"    and {len(violations) - SHOWN} more")
    raise typer.Exit(0 if hold else 1)
