"""The commands `dlq` and `quarantine`: list, edit and replay records that were set aside."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ecomkafka.cli.output import Json, Namespace, UsageError, echo, echo_json, echo_table

if TYPE_CHECKING:
    from ecomkafka.clients import Cluster

PANEL = "Orders"

Positions = Annotated[list[str] | None, typer.Argument(help="As 'list' shows them; none: all that wait.")]
Where = Annotated[str, typer.Argument(help="As 'list' shows it.")]
Fields = Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="What to change of the message.")]
Whole = Annotated[str | None, typer.Option("--value", help="The whole message as JSON, where there is none to change.")]


def register(app: typer.Typer) -> None:
    dlq = typer.Typer(help="Dead letters: notifications that could not be delivered.", no_args_is_help=True)
    dlq.command("list")(list_dead_letters)
    dlq.command("replay")(replay_dead_letters)
    dlq.command("edit")(edit_dead_letter)
    app.add_typer(dlq, name="dlq", rich_help_panel=PANEL)
    quarantine = typer.Typer(help="Quarantine: records that no service could handle.", no_args_is_help=True)
    quarantine.command("list")(list_quarantine)
    quarantine.command("replay")(replay_quarantine)
    quarantine.command("edit")(edit_quarantined)
    app.add_typer(quarantine, name="quarantine", rich_help_panel=PANEL)


def list_dead_letters(json: Json = False, namespace: Namespace = None) -> None:
    """Show what could not be delivered, why, and whether another attempt may succeed."""
    from ecomkafka.services.dead_letters import dead_letters

    letters = dead_letters(_cluster(namespace))
    if json:
        echo_json({"dead_letters": [asdict(letter) | {"position": str(letter.position)} for letter in letters]})
    elif letters:
        columns = ("position", "notification", "attempts", "class", "state", "reason")
        rows = ((x.position, x.notification_id, x.attempts, x.classification, x.state, x.reason) for x in letters)
        echo_table(columns, rows)
        for letter in letters:
            for what in letter.history:
                echo(f"{letter.position}: {what}")
    else:
        echo("no dead letters")


def replay_dead_letters(position: Positions = None, json: Json = False, namespace: Namespace = None) -> None:
    """Send dead letters again that were not replayed or delivered yet."""
    from ecomkafka.services.dead_letters import replay

    _echo_count(replay(_cluster(namespace), position or None), "dead letter", json)


def edit_dead_letter(
    position: Where, field: Fields = None, value: Whole = None, json: Json = False, namespace: Namespace = None
) -> None:
    """Change a dead letter: another one takes its place and waits for its replay, the original is kept."""
    from ecomkafka.services.dead_letters import edit

    fields = _fields(field or ())
    _echo_edited(str(edit(_cluster(namespace), position, fields, value)), position, json)


def list_quarantine(json: Json = False, namespace: Namespace = None) -> None:
    """Show what no service could handle: where it was, which service, and why."""
    from ecomkafka.services.quarantine import quarantined

    records = quarantined(_cluster(namespace))
    if json:
        echo_json({"quarantine": [asdict(record) | {"position": str(record.position)} for record in records]})
    elif records:
        columns = ("position", "origin", "service", "class", "state", "error")
        echo_table(columns, ((x.position, x.origin, x.service, x.classification, x.state, x.error) for x in records))
    else:
        echo("nothing is in quarantine")


def replay_quarantine(position: Positions = None, json: Json = False, namespace: Namespace = None) -> None:
    """Send records to where they came from again: each once, and what is no message or was cut not at all."""
    from ecomkafka.services.quarantine import quarantined, replay

    cluster = _cluster(namespace)
    _echo_count(replay(cluster, position or None), "record", json)
    left = [record for record in quarantined(cluster) if record.state == "waiting"]
    if left and not position and not json:
        they = "it is" if len(left) == 1 else "they are"
        echo(f"{len(left)} can't be replayed as {they}: 'ecomkafka quarantine list' says why")


def edit_quarantined(
    position: Where, field: Fields = None, value: Whole = None, json: Json = False, namespace: Namespace = None
) -> None:
    """Change a record in quarantine: another one takes its place and waits for its replay, the original is kept."""
    from ecomkafka.services.quarantine import edit

    fields = _fields(field or ())
    _echo_edited(str(edit(_cluster(namespace), position, fields, value)), position, json)


def _cluster(namespace: str | None) -> "Cluster":
    from ecomkafka.operations.system import cluster_of
    from ecomkafka.settings import Settings

    return cluster_of(Settings.read(namespace))


def _fields(texts: Sequence[str]) -> dict[str, str]:
    fields = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(f"{text!r:.80}: FIELD=VALUE is needed, for example customer_id=ann")
        fields[name] = value
    return fields


def _echo_count(count: int, what: str, json: bool) -> None:
    if json:
        echo_json({"replayed": count})
    else:
        echo(f"{count} {what}{'' if count == 1 else 's'} replayed")


def _echo_edited(edited: str, original: str, json: bool) -> None:
    if json:
        echo_json({"edited_from": original, "position": edited})
    else:
        echo(f"{original} is kept; {edited} takes its place and waits for its replay")
