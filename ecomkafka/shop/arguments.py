"""What a shop is given, checked before anything is made of it: a ValueError names the argument and what is needed."""

from typing import Any

from ecomkafka.catalogue import Catalogue
from ecomkafka.clients import Cluster
from ecomkafka.domain.basket import shown
from ecomkafka.invariants.witness import Witness


def check_cluster(cluster: Any) -> None:
    if not isinstance(cluster, Cluster | None):
        raise ValueError(
            f"cluster is {shown(cluster)}: a Cluster is needed, for example Cluster.of('localhost:9092'); "
            "a name is given as namespace=…"
        )


def check_catalogue(catalogue: Any) -> None:
    if not isinstance(catalogue, Catalogue):
        raise ValueError(f"catalogue is {shown(catalogue)}: a Catalogue is needed, for example Catalogue([Product(…)])")


def check_clock(clock: Any) -> None:
    try:
        aware = clock.now().utcoffset() is not None
    except (AttributeError, TypeError):
        aware = False
    if not aware:
        raise ValueError(f"clock is {shown(clock)}: an object is needed whose now() gives a datetime with a time zone")


def check_witness(witness: Any) -> None:
    if not isinstance(witness, Witness):
        raise ValueError(f"witness is {shown(witness)}: a Witness is needed that has read since the shop was opened")


def check_flags(**flags: Any) -> None:
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise ValueError(f"{name} is {shown(value)}: True or False is needed")
