"""The range assignor, which also publishes where each member runs: a duplicate instance name can be explained."""

import os
import socket
from collections.abc import Iterable

from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.protocol.consumer.metadata import ConsumerProtocolSubscription


def whereabouts() -> str:
    """This process, as others see it in the list of a group's members."""
    return f"process {os.getpid()} on {socket.gethostname()}"


class SignedRange(RangePartitionAssignor):  # type: ignore[misc]
    """In the subscription's `user_data`. Of a static member the broker keeps the first client id: that would not do."""

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolSubscription:
        return ConsumerProtocolSubscription(cls.version, list(topics), whereabouts().encode())
