"""The commands to learn from: `demo`, `replay` and `lab`."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from ecomkafka.cli.output import Json, UsageError, console, echo, echo_json
from ecomkafka.retail.columns import COLUMNS
from ecomkafka.retail.dates import Dates

PANEL = "Lessons"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(demo)
    app.command(rich_help_panel=PANEL)(replay)
    app.command(rich_help_panel=PANEL, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(lab)


def demo() -> None:
    """Tell four cases on a real Kafka, step by step; exit code 1 if one does not end as told."""
    from ecomkafka.shop.demo import run

    raise typer.Exit(0 if run(console()) else 1)


def replay(
    file: Annotated[
        Path, typer.Argument(help="Columns as in Online Retail, I or II: CSV or .xlsx, also in .gz, .xz, .bz2 or .zip.")
    ],
    stock_ratio: Annotated[
        str, typer.Option(help="Opening stock of a product: so many times what is asked of it.")
    ] = "1",
    limit: Annotated[int | None, typer.Option(min=1, help="So many orders, the first in time.")] = None,
    columns: Annotated[
        list[str],
        typer.Option(
            help="NAME=HEADER for a column that is called otherwise; may be given several times. "
            "Letters of invoices named so mean nothing; else C and digits is a cancellation, A an adjustment."
        ),
    ] = [],  # noqa: B006
    dates: Annotated[
        Dates | None, typer.Option(help="What comes first in dates such as 12/1/2010, if no date in the file tells.")
    ] = None,
    mail: Annotated[bool, typer.Option("--mail/--no-mail", help="Send mails by SMTP, or only count them.")] = True,
    processes: Annotated[bool, typer.Option("--processes", help="Run each service as a process of its own.")] = False,
    json: Json = False,
) -> None:
    """Replay a file of real orders, and prove the figures."""
    from ecomkafka.machine.progress_bar import reporting
    from ecomkafka.shop.replay import replay as replay_file

    ratio = _ratio(stock_ratio)
    with reporting(None) as progress:
        result = replay_file(
            file, ratio, limit, mail, lambda done, total: progress("orders that have ended", done / total), processes,
            _columns(columns), dates,
        )  # fmt: skip
    figures = result.to_json()
    if json:
        echo_json(figures)
    else:
        for name, value in figures.items():
            what = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else value
            echo(f"{name:<14} {what}")
    raise typer.Exit(0 if result.holds else 1)


def _columns(given: list[str]) -> dict[str, str]:
    """From `["invoice=Rechnung", "quantity=Menge,unit_price=Preis"]`."""
    parts = [part for text in given for part in re.split(rf",(?=(?:{'|'.join(COLUMNS)})=)", text)]
    if wrong := next((part for part in parts if not re.fullmatch(r"[^=]+=.+", part)), None):
        raise UsageError(f"--columns {wrong!r:.80}: NAME=HEADER is needed, for example quantity=Menge")
    columns: dict[str, str] = {}
    for part in parts:
        column, header = part.split("=", 1)
        if column in columns:
            raise UsageError(
                f"--columns {part:.80}: {column} is given already, as {columns[column]!r:.80}: give it once"
            )
        columns[column] = header
    return columns


def _ratio(text: str) -> Decimal:
    try:
        ratio = Decimal(text)
    except InvalidOperation:
        ratio = Decimal("NaN")
    if not ratio.is_finite() or not 0 <= ratio <= 1_000:
        raise UsageError(f"--stock-ratio {text!r:.80}: a decimal number from 0 to 1000 is allowed")
    return ratio


def lab(
    context: typer.Context,
    update: Annotated[
        bool, typer.Option("--update", help="Bring newer lessons of the package; yours are never written over.")
    ] = False,
) -> None:
    """Open JupyterLab on the first lesson, on 127.0.0.1; JupyterLab gets further options, as --no-browser.

    An installed package copies the lessons to this folder first.
    """
    import importlib.util
    import os
    import subprocess
    import sys

    from ecomkafka.course import handout

    if importlib.util.find_spec("jupyterlab") is None:
        raise RuntimeError("JupyterLab is not installed: pip install 'ecomkafka[lab]', or 'make lab'")
    notebook = handout.folder(Path.cwd()) / "00_first_order.ipynb"
    if update:
        if not handout.SHIPPED.is_dir():
            raise UsageError(f"--update: the lessons in {notebook.parent} are a clone's, which 'git pull' updates")
        for path in handout.hand_out(handout.SHIPPED, Path.cwd(), update=True):
            echo(f"new: {path}")
    # JupyterLab refuses to run as root, as in a container, unless told that it may.
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", *as_root, *context.args, str(notebook)]
    try:
        raise typer.Exit(subprocess.run(command, check=False).returncode)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
