"""`python -m benchmarks [NAME] [--json]`: one benchmark, or all, on a broker of their own. Quote ratios."""

import argparse
import json
import sys
from importlib import import_module

from ecomkafka.runtime.broker import Broker

NAMES = ("saga", "restart")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="all, if it is left out")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    arguments = parser.parse_args()
    names = [arguments.name] if arguments.name else NAMES
    with Broker() as broker:
        found = {name: import_module(f"benchmarks.{name}").run(broker.bootstrap) for name in names}
    figures = found[arguments.name] if arguments.name else found
    sys.stdout.write(json.dumps(figures, indent=None if arguments.json else 2) + "\n")


if __name__ == "__main__":
    main()
