"""The range assignor, by which a member also says where it runs: who takes another's name can be found."""

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
