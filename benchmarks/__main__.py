"""`python -m benchmarks [NAME]`: one benchmark, or all, on a broker of their own. Quote ratios: machines differ.

All of it takes about half an hour on two cores; nothing else should run meanwhile.
"""

import argparse
import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import plots
from benchmarks.surroundings import machine
from benchmarks.targets import targets
from ecomkafka.broker import Broker

NAMES = (
    "saga",
    "scale",
    "restore",
    "real",
    "transactions",
    "start",
    "gateway",
    "watching",
    "tls",
    "formats",
    "streams",
)
OF_A_FILE = ("real", "streams")
FILE = "ECOMKAFKA_REAL_FILE"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="all, if it is left out")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line, not the table")
    parser.add_argument("--quick", action="store_true", help="few orders, to see that all runs: figures to forget")
    parser.add_argument(
        "--file", type=Path, default=os.environ.get(FILE), help=f"orders for real and streams, else {FILE}"
    )
    parser.add_argument("--plots", type=Path, metavar="DIR", help="write a PNG of each benchmark there")
    arguments = parser.parse_args()
    names = [arguments.name] if arguments.name else list(NAMES)
    if not arguments.file and "real" in names:
        missing = f"real is left out: it needs the file of a retailer's orders, by --file or {FILE}"
        if arguments.name:
            parser.error(missing)
        say(missing)
        names.remove("real")
    found = measured(names, arguments.quick, arguments.file)
    if arguments.plots:
        plots.save(found, arguments.plots)
    if not arguments.json:
        sys.stdout.write(targets(found) + "\n")
    elif arguments.name:
        sys.stdout.write(json.dumps(found[arguments.name]) + "\n")
    else:
        sys.stdout.write(json.dumps(found) + "\n")


def measured(names: list[str], quick: bool, file: Path | None) -> dict[str, Any]:
    """What each benchmark found, and on which machine."""
    found: dict[str, Any] = {"machine": machine(), "quick": quick}
    with Broker() as broker:
        for name in names:
            module, started = import_module(f"benchmarks.{name}"), time.monotonic()
            sizes = module.QUICK if quick else {}
            say(f"{name} …")
            found[name] = module.run(broker, **sizes, **({"file": file} if name in OF_A_FILE else {}))
            say(f"{name}: {time.monotonic() - started:.0f} s")
    if {"saga", "scale"} <= found.keys():
        best = max(row["orders_per_s"] for row in found["scale"]["processes"])
        found["scale"]["processes_to_naive"] = best / found["saga"]["naive"]["orders_per_s"]
    return found


def say(line: str) -> None:
    """Progress, beside the figures on stdout."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
