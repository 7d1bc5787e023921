"""Private parts of batches of records: how they are packed, compressed and unpacked."""

from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord, Fetcher
from kafka.protocol.consumer import IsolationLevel
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder

_HEADER = DefaultRecordBatchBuilder.HEADER_STRUCT


class FetchedRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
    """The records of one fetch of a partition, unpacked by `unpack` of a subclass.

    kafka-python has no place for another codec. Since 2.2.20 or earlier: `_unpack_records` and
    the three names in `is_visible`.
    """

    def unpack(self, batches: MemoryRecords) -> Iterator[ConsumerRecord]:
        """The records that the reader gets, with `next_fetch_offset` set to the offset after each."""
        raise NotImplementedError

    def _unpack_records(self, place: TopicPartition, batches: MemoryRecords, *_: Any) -> Iterator[ConsumerRecord]:
        return self.unpack(batches)

    def is_visible(self, batch: Any) -> bool:
        """Whether the reader gets the batch: no control batch, and with read_committed no aborted transaction's."""
        self.leader_epoch = batch.leader_epoch
        if self.isolation_level == IsolationLevel.READ_COMMITTED and batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
            elif self._is_batch_aborted(batch):
                return False
        return not batch.is_control_batch


def unpack_with(consumer: KafkaConsumer, records: type[Fetcher.PartitionRecords]) -> None:
    """Let this class unpack what the consumer fetches. Since 2.0.2 or earlier: `_fetcher`."""
    consumer._fetcher.PartitionRecords = records


def uncompressed(batch: Any) -> bytes:
    """The bytes of a fetched batch, uncompressed.

    kafka-python does that only to iterate over it. Since 2.0.2 or earlier: `_buffer`, `_maybe_uncompress`.
    """
    if not batch.compression_type:
        return bytes(batch._buffer)
    header = bytearray(batch._buffer[: _HEADER.size])
    header[batch.ATTRIBUTES_OFFSET + 1] &= ~batch.CODEC_MASK & 0xFF
    batch._maybe_uncompress()
    return bytes(header + batch._buffer)


def transactional(batch: bytes, producer_id: int, epoch: int, sequence: int) -> bytes:
    """An uncompressed batch as a transaction's: compressed with lz4, stamped with its producer, with a new checksum.

    kafka-python does so only with what its own builder has packed. Since 2.0.2 or earlier: the five names below.
    """
    builder = DefaultRecordBatchBuilder(2, DefaultRecordBatchBuilder.CODEC_LZ4, True, -1, -1, -1, len(batch))
    builder._buffer = bytearray(batch)
    (*_, builder._last_offset, builder._first_timestamp, builder._max_timestamp, _, _, _, builder._num_records) = (
        _HEADER.unpack_from(builder._buffer)
    )
    builder.set_producer_state(producer_id, epoch, sequence, True)
    return bytes(builder.build())
