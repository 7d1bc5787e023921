"""The command `classroom`: one broker for a class, an account for each student."""

from pathlib import Path
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
    for command in (start, stop, add, remove, renew):
        group.command()(command)
    group.command("list")(list_students)
    classroom_progress.register(group)
    app.add_typer(group, name="classroom", rich_help_panel=PANEL)


def start(
    host: Annotated[str, typer.Option(help="This machine's address, as the students reach it.")] = "127.0.0.1",
    tls: Annotated[bool, typer.Option("--tls", help="Encrypt on this machine, too; elsewhere it always is.")] = False,
) -> None:
    """Start the room's broker; it asks for an account, and lives until 'classroom stop'."""
    with console(stderr=True).status("starting"):
        room = _room()
        address = room.start(host, tls=tls).bootstrap[0]
    how = ", encrypted" if room.encrypts else ""
    echo(mark(True), f" the classroom is open at {address}{how}; 'ecomkafka classroom add NAME…' makes accounts")


def stop() -> None:
    """Stop the room's broker; accounts, topics and results stay."""
    with console(stderr=True).status("stopping"):
        ran = _room().stop()
    echo("the classroom is closed" if ran else "no classroom was open")


def add(
    names: Names,
    folder: Annotated[Path, typer.Option(help="Where the students' files go.")] = Path(),
    json: Json = False,
) -> None:
    """Make an account for each name, and a file that the student gets: address, account, the room's CA.

    A password is told this once. With --json no file is written.
    """
    from ecomkafka.classroom import hand_out, student_accounts

    room = _room()
    cluster = room.cluster()
    files = {} if json else hand_out.files(folder, names)
    made = {account.name: hand_out.variables(cluster, account) for account in student_accounts.add(cluster, names)}
    if json:
        students = ({f"ECOMKAFKA_{name}": value for name, value in values.items()} for values in made.values())
        echo_json({"students": list(students)})
        return
    for name, values in made.items():
        hand_out.write(files[name], values)
        echo(f"{name}: {files[name]}")
    echo("each student gets the own file, and starts with ECOMKAFKA_ACCOUNT=FILE ecomkafka lab")


def renew() -> None:
    """Give the room's broker a new certificate, while it runs; the students need nothing new."""
    echo(mark(True), f" the room's certificate is valid until {_room().renew():%d %B %Y}")


def remove(names: Names) -> None:
    """Take accounts away, on open connections as well; the topics stay."""
    from ecomkafka.classroom import student_accounts

    student_accounts.remove(_room().cluster(), names)
    for name in names:
        echo(f"removed {name}")


def list_students(json: Json = False) -> None:
    """Show the room's address and who has an account."""
    from ecomkafka.classroom import student_accounts

    cluster = _room().cluster()
    (address,), names = cluster.bootstrap, student_accounts.students(cluster)
    if json:
        echo_json({"address": address, "students": names})
        return
    echo(f"open at {address}, {len(names)} accounts")
    for name in names:
        echo(name)


def _room() -> "Room":
    from ecomkafka.classroom.room import Room

    return Room()
