"""The command `ecomkafka`."""

import sys

import typer

from ecomkafka.cli import (
    chaos,
    classroom,
    gateway,
    invariants,
    lessons,
    logs,
    orders,
    registry,
    schemas,
    set_aside,
    system,
    topics,
)
from ecomkafka.cli.kafka_errors import kafka_errors, told
from ecomkafka.cli.output import UsageError, complain
from ecomkafka.cli.streams import prepare_streams

app = typer.Typer(
    help="A shop on a real Apache Kafka: run it, break it, repair it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (
    system,
    gateway,
    logs,
    topics,
    orders,
    set_aside,
    invariants,
    schemas,
    registry,
    lessons,
    classroom,
    chaos,
):
    group.register(app)


@app.command("help", rich_help_panel="Help")
def show_help(context: typer.Context) -> None:
    """Show this list; 'ecomkafka COMMAND --help' tells more."""
    assert context.parent is not None
    typer.echo(context.parent.get_help())


def main() -> None:
    """Run the command line; on an error one sentence on stderr, exit code 1, or 2 if the command was written wrong."""
    prepare_streams()
    try:
        app()
    except (KeyError, IndexError, RecursionError, NotImplementedError):
        raise  # not the user's mistake but ours
    except UsageError as error:
        complain(error)
        sys.exit(2)
    except _to_tell() as error:
        complain(told(error))
        sys.exit(1)


def _to_tell() -> tuple[type[Exception], ...]:
    return (RuntimeError, ValueError, LookupError, OSError, *kafka_errors())
