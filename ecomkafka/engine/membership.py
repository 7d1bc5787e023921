"""A worker's membership in its consumer group: its generation, and whether it was fenced."""

from collections.abc import Callable
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.errors import FencedInstanceIdError

from ecomkafka.clients.internals.consumer_state import is_fenced


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """A rebalance listener that only takes notes: inside of `poll` it must not send requests."""

    def __init__(self, consumer: KafkaConsumer, rebalanced: Callable[[], None] = lambda: None) -> None:
        self._consumer, self._rebalanced = consumer, rebalanced
        self.generation: Any = None
        """The one in which the partitions were assigned, for the commits; None while they are being assigned anew.

        The consumer's own may be another one: it joins in the background, and thrown out it has none, with which the
        broker takes commits to an empty group from anybody.
        """
        self.is_new = False
        """Set at each assignment; whoever has dealt with it clears it."""

    def on_partitions_revoked(self, revoked: Any) -> None:
        self.generation = None

    def on_partitions_assigned(self, assigned: Any) -> None:
        self.generation = self._consumer.group_metadata()
        self.is_new = True
        self._rebalanced()

    def check_name(self) -> None:
        """Raise FencedInstanceIdError if another instance has taken this one's name."""
        if is_fenced(self._consumer):
            raise FencedInstanceIdError
