"""The command `chaos`: breaks a shop of its own and reports whether anything was lost."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ecomkafka.cli.output import Json, UsageError, complain, echo, echo_json, echo_table, mark

if TYPE_CHECKING:
    import pandas as pd

    from ecomkafka.chaos.result import ChaosResult

PANEL = "Lessons"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(chaos)


def chaos(
    seconds: Annotated[float, typer.Option(min=10, max=86_400, help="How long faults strike.")] = 60,
    seed: Annotated[int, typer.Option(help="Which faults when: the same seed, the same plan.")] = 1,
    brokers: Annotated[int, typer.Option(help="1, or 3: then leaders and majorities die as well.")] = 1,
    gateway: Annotated[
        bool, typer.Option("--gateway", help="Customers order by HTTP; the gateway is struck too.")
    ] = False,
    tls: Annotated[
        bool, typer.Option("--tls", help="Every connection to Kafka is encrypted and needs an account.")
    ] = False,
    json: Json = False,
) -> None:
    """Kill, freeze, cut and confuse a shop of its own, then look whether all is well; exit code 1 if not."""
    import signal

    from ecomkafka.chaos.chaos_run import run
    from ecomkafka.machine.progress_bar import reporting

    if brokers not in (1, 3):
        raise UsageError(f"--brokers {brokers}: 1 or 3 is allowed")
    # SIGTERM as Ctrl-C: whoever ends this must not leave a dozen processes behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with reporting(None) as progress:
        result = run(seconds, seed, brokers, progress, gateway=gateway, tls=tls)
    picture, table = _save(result)
    if json:
        folder = str(result.folder) if result.folder else None
        echo_json(_figures(result) | {"picture": str(picture), "table": str(table), "folder": folder})
    else:
        _echo_result(result, picture)
    raise typer.Exit(0 if result.holds else 1)


def _save(result: "ChaosResult") -> tuple[Path, Path]:
    """The timeline as PNG and as CSV, in the home folder."""
    from ecomkafka.machine.home import home

    folder = home() / "chaos"
    folder.mkdir(exist_ok=True)
    ways = ("-gateway" if result.gateway else "") + ("-tls" if result.tls else "")
    picture = folder / f"seed-{result.seed}-brokers-{result.brokers}{ways}.png"
    picture.write_bytes(result.png)
    table = picture.with_suffix(".csv")
    result.timeline.to_csv(table)
    return picture, table


def _or_none(invariants: "pd.DataFrame") -> "pd.DataFrame":
    """None where an invariant was not checked."""
    known = invariants.astype(object)
    return known.where(known.notna(), None)


def _figures(result: "ChaosResult") -> dict[str, Any]:
    return {
        "holds": result.holds,
        "seed": result.seed,
        "seconds": result.seconds,
        "brokers": result.brokers,
        "gateway": result.gateway,
        "tls": result.tls,
        "orders": result.orders,
        "slowest_recovery": result.slowest,
        "invariants": _or_none(result.invariants).reset_index().to_dict("records"),
        "faults": result.faults.to_dict("records"),
        "timeline": result.timeline.reset_index().to_dict("records"),
        "deaths": result.deaths,
        "failure": result.failure,
        "wrong": result.wrong,
        "trace": None if result.trace is None else result.trace.to_dict("records"),
        "dangers": result.dangers.reset_index().to_dict("records"),
    }


def _echo_result(result: "ChaosResult", picture: Path) -> None:
    echo_table(list(result.faults.columns), result.faults.itertuples(index=False))
    echo("")
    _echo_dangers(result.dangers)
    echo("")
    for name, row in _or_none(result.invariants).iterrows():
        sign = "–" if row["holds"] is None else mark(row["holds"])
        echo(sign, f" {name} ", Text(row["first"] or row["protects"], "dim"))
    if result.trace is not None:
        echo(f"\nthe story of {result.wrong}:")
        echo_table(list(result.trace.columns), result.trace.itertuples(index=False))
    elif result.wrong:
        echo(f"\nno record is left of {result.wrong}")
    if result.failure:
        complain(f"the run did not come to its end: {result.failure}")
    echo(
        f"\nseed {result.seed}, {result.brokers} broker(s), {result.seconds:g} s: {result.orders} orders, "
        f"{result.injected} of {len(result.faults)} faults struck, orders flowed again after {result.slowest:.1f} s at "
        f"the latest; {picture}"
    )
    if result.folder:
        echo(f"what can be known of the failure is in {result.folder}: begin with summary.txt")


def _echo_dangers(dangers: "pd.DataFrame") -> None:
    """Short: points as text, and what was not met at all."""
    from ecomkafka.chaos.saga_states import STATES, not_met
    from ecomkafka.faults.flight_recorder import PASSED

    rows = []
    for fault, row in dangers.iterrows():
        points = ", ".join(f"{row[point]} {point}" for point in PASSED if row[point])
        rows.append((fault, row["strikes"], *(row[state] for state in STATES), points))
    echo("what the faults met: orders by the state of their saga, and where the processes were that they stopped")
    echo_table(["fault", "strikes", *STATES, "processes at"], rows)
    echo("met by no fault: ", ", ".join(not_met(dangers)) or "nothing")
