"""The command `classroom`: one broker for a class, an account for each student."""

from typing import TYPE_CHECKING, Annotated

import typer

from ecomkafka.cli import classroom_progress
from ecomkafka.cli.lessons import PANEL
from ecomkafka.cli.output import Json, console, echo, echo_json, mark

if TYPE_CHECKING:
    from ecomkafka.classroom.room import Room

Names = Annotated[list[str], typer.Argument(help="Letters, digits and '-'; the prefix of all that is the student's.")]

group = typer.Typer(help="One broker for a room: accounts, results.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    for command in (start, stop, add, remove):
        group.command()(command)
    group.command("list")(list_students)
    classroom_progress.register(group)
    app.add_typer(group, name="classroom", rich_help_panel=PANEL)


def start(
    host: Annotated[str, typer.Option(help="This machine's address, as the students reach it.")] = "127.0.0.1",
) -> None:
    """Start the room's broker; it asks for an account, and lives until 'classroom stop'."""
    with console(stderr=True).status("starting"):
        address = _room().start(host).bootstrap[0]
    echo(mark(True), f" the classroom is open at {address}; 'ecomkafka classroom add NAME…' makes accounts")


def stop() -> None:
    """Stop the room's broker; accounts, topics and results stay."""
    with console(stderr=True).status("stopping"):
        ran = _room().stop()
    echo("the classroom is closed" if ran else "no classroom was open")


def add(names: Names, json: Json = False) -> None:
    """Make an account for each name, and print what the student has to set; a password is told this once."""
    from ecomkafka.classroom import accounts

    cluster = _room().cluster()
    made = accounts.add(cluster, names)
    (address,) = cluster.bootstrap
    settings = [
        {"ECOMKAFKA_BOOTSTRAP": address, "ECOMKAFKA_USER": account.name, "ECOMKAFKA_PASSWORD": account.password}
        for account in made
    ]
    if json:
        echo_json({"students": settings})
        return
    for student in settings:
        for name, value in student.items():
            echo(f"{name}={value}")
        echo("")


def remove(names: Names) -> None:
    """Take accounts away, on open connections as well; the topics stay."""
    from ecomkafka.classroom import accounts

    accounts.remove(_room().cluster(), names)
    for name in names:
        echo(f"removed {name}")


def list_students(json: Json = False) -> None:
    """Show the room's address and who has an account."""
    from ecomkafka.classroom import accounts

    cluster = _room().cluster()
    (address,), names = cluster.bootstrap, accounts.students(cluster)
    if json:
        echo_json({"address": address, "students": names})
        return
    echo(f"open at {address}, {len(names)} accounts")
    for name in names:
        echo(name)


def _room() -> "Room":
    from ecomkafka.classroom.room import Room

    return Room()
