"""Run as a program: a read model that kills itself, as kill -9 does, around the commit of its first events to SQL."""

import sys
from collections.abc import Iterable, Mapping

import psutil
from sqlalchemy import event

from ecomkafka.clients import Cluster
from ecomkafka.gateways.order_projection import TOPIC
from ecomkafka.gateways.order_store import OrderStore
from ecomkafka.messages import OrderEvent
from ecomkafka.services.read_model import ReadModel

POINTS = ("before_commit", "after_commit")


class Killed(OrderStore):
    """`point`: where; `first`: "offsets" is the naive store that moves its offsets in a transaction of their own."""

    point, first = "", ""

    def project(self, events: Iterable[OrderEvent], moves: Mapping[int, tuple[int, int]]) -> None:
        events = list(events)
        if events and self.first == "offsets":
            super().project([], moves)
            moves = {}
        if events and self.point == "before_commit":
            event.listen(self.engine, "commit", lambda connection: psutil.Process().kill())
        super().project(events, moves)
        if events and self.point == "after_commit":
            psutil.Process().kill()


def main(bootstrap: str, namespace: str, url: str, point: str, first: str) -> None:
    model = ReadModel(Cluster.of(bootstrap, namespace), url)
    model._store = store = Killed(model.engine, model.namespace, TOPIC)
    store.point, store.first = point, first
    model._run()


if __name__ == "__main__":
    main(*sys.argv[1:])
