"""Run as a program: an inventory service that kills itself, as kill -9 does, at a named point of its loop."""

import sys

import psutil

from ecomkafka.clients import Cluster
from ecomkafka.engine.worker import Crash
from ecomkafka.faults import crash
from ecomkafka.services.inventory import InventoryService


def main(bootstrap: str, namespace: str, point: str) -> None:
    worker = InventoryService(Cluster.of(bootstrap, namespace))
    fault = crash(worker, point)

    def at(here: str) -> None:
        try:
            fault(here)
        except Crash:
            psutil.Process().kill()

    worker.at = at
    worker.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
