"""Private parts of a consumer: its membership in a group, and what it has fetched."""

from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import LeaderNotAvailableError


def resume(consumer: KafkaConsumer, partition: TopicPartition) -> None:
    """Fetch a paused partition again, from its position.

    kafka-python puts aside what it had fetched of a paused partition. It finds that again only if no other partition
    was read to its end meanwhile: otherwise the partition is neither returned nor fetched any more. Since 3.0.0:
    `_paused_partition_records`.
    """
    consumer._fetcher._paused_partition_records.pop(partition, None)
    consumer.resume(partition)


def keep_joining(consumer: KafkaConsumer) -> None:
    """Let the consumer join its group until it has, once it has begun.

    Without it a consumer can stay without partitions for good: it joins before it knows its topics, joins again when it
    knows them, and forgets that if `poll` ends before the answer has come. Java's client had the same fault
    (KAFKA-9815). Since 3.0.0: `_coordinator`, `need_rejoin`, `rejoin_needed`.
    """
    coordinator = consumer._coordinator
    needs = coordinator.need_rejoin

    def need_rejoin() -> bool:
        if needed := bool(needs()):
            coordinator.rejoin_needed = True
        return needed

    coordinator.need_rejoin = need_rejoin


def report_missing_leader(consumer: KafkaConsumer) -> None:
    """Let whoever asks for the offsets of a partition without a leader get LeaderNotAvailableError, which is retriable.

    Without it `end_offsets` and `beginning_offsets` raise KeyError, which looks like a fault of the caller.
    Since 3.0.0: `_fetcher`.
    """
    fetcher = consumer._fetcher
    ask = fetcher.beginning_or_end_offset

    def beginning_or_end_offset(*question: Any) -> Any:
        try:
            return ask(*question)
        except KeyError as error:
            raise LeaderNotAvailableError(f"{error.args[0]} has no leader") from error

    fetcher.beginning_or_end_offset = beginning_or_end_offset


def is_fenced(consumer: KafkaConsumer) -> bool:
    """Whether another consumer has taken this one's `group_instance_id`.

    kafka-python learns of it from a heartbeat, stops the heartbeats, and says nothing: `poll` goes on without records.
    Since 3.0.0: `_heartbeat_enabled`; 2.x had a thread for them.
    """
    coordinator = consumer._coordinator
    return bool(coordinator.stable() and not coordinator._heartbeat_enabled)
