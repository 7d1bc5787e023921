"""The range assignor, which also publishes where each member runs: a duplicate instance name can be explained."""

import os
import socket
from collections.abc import Iterable

from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.protocol.consumer.metadata import ConsumerProtocolSubscription


def whereabouts() -> str:
    """This process and its machine, as published to the members of its group."""
    return f"process {os.getpid()} on {socket.gethostname()}"


class SignedRange(RangePartitionAssignor):  # type: ignore[misc]
    """Publishes `whereabouts` in the subscription's `user_data`. The client id would not do: the broker keeps a static
    member's first one.
    """

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolSubscription:
        return ConsumerProtocolSubscription(cls.version, list(topics), whereabouts().encode())
