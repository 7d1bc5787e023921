"""Batches of records, packed and unpacked by compiled code: aiokafka's, whose classes fit in kafka-python's places.

In plain Python a record costs more to pack and unpack than all that a service does with it. Compression and checksums
stay kafka-python's.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.default_records import DefaultRecordBatchBuilder as CompiledBuilder
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord, Fetcher
from kafka.errors import CorruptRecordError
from kafka.protocol.consumer import IsolationLevel
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder

MAGIC = 2
"""Version of the record format, the only one since Kafka 4; a log may still have older batches."""

Row = tuple[int, bytes, bytes | None, list[tuple[str, bytes]]]
"""A record: timestamp (milliseconds since 1970), key, value, headers."""

_PLAIN = 0
_HEADER = DefaultRecordBatchBuilder.HEADER_STRUCT
_make = tuple.__new__
"""What a namedtuple's own constructor calls in the end."""


class _Builder(DefaultRecordBatchBuilder):  # type: ignore[misc]
    """kafka-python's builder of a batch, but that the records are packed by the compiled one."""

    def __init__(self, size: int) -> None:
        super().__init__(MAGIC, self.CODEC_LZ4, True, -1, -1, -1, size)
        self._packed = CompiledBuilder(MAGIC, _PLAIN, False, -1, -1, -1, size)
        self.append, self.size = self._packed.append, self._packed.size

    def build(self) -> bytearray:
        self._buffer = bytearray(self._packed.build())
        (*_, self._last_offset, self._first_timestamp, self._max_timestamp, _, _, _, self._num_records) = (
            _HEADER.unpack_from(self._buffer)
        )
        return bytearray(super().build())

    def of_transaction(self, producer_id: int, epoch: int, sequence: int) -> bytes:
        """The batch, as a transaction's."""
        self.set_producer_state(producer_id, epoch, sequence, True)
        return bytes(self.build())


def packed(
    rows: Iterable[Row], producer_id: int, epoch: int, sequence: int, batch_size: int
) -> Iterator[tuple[bytes, int]]:
    """The records as batches of a transaction, each with how many it has; `sequence` is that of the first record."""
    builder, count = _Builder(batch_size), 0
    for row in rows:
        if builder.append(count, *row) is None:
            yield builder.of_transaction(producer_id, epoch, sequence), count
            sequence += count
            builder, count = _Builder(batch_size), 0
            builder.append(count, *row)
        count += 1
    yield builder.of_transaction(producer_id, epoch, sequence), count


class Unpacked(Fetcher.PartitionRecords):  # type: ignore[misc]
    """The records of one fetch of a partition; keys and values stay bytes, and their sizes are not counted."""

    def _unpack_records(self, place: TopicPartition, batches: MemoryRecords, *_: Any) -> Iterator[ConsumerRecord]:
        topic, partition = place
        while (batch := batches.next_batch()) is not None:
            if not batch.validate_crc():
                raise CorruptRecordError(f"{place} has a batch at offset {batch.base_offset} that fails its checksum")
            if batch.magic < MAGIC or self._counts(batch):
                epoch = self.leader_epoch
                for record in batch if batch.magic < MAGIC else _compiled(batch):
                    self.next_fetch_offset = record.offset + 1
                    yield _make(
                        ConsumerRecord,
                        (topic, partition, epoch, record.offset, record.timestamp, record.timestamp_type,
                         record.key, record.value, record.headers, None, -1, -1, -1),
                    )  # fmt: skip
            if batch.magic >= MAGIC:  # a compacted batch ends behind its last record
                self.next_fetch_offset = batch.next_offset
        self.drain()

    def _counts(self, batch: Any) -> bool:
        """Whether the reader gets its records: not Kafka's own markers, nor what an aborted transaction wrote."""
        self.leader_epoch = batch.leader_epoch
        if self.isolation_level == IsolationLevel.READ_COMMITTED and batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
            elif self._is_batch_aborted(batch):
                return False
        return not batch.is_control_batch


def _compiled(batch: Any) -> DefaultRecordBatch:
    """The same batch, uncompressed, for compiled code to iterate."""
    if not batch.compression_type:
        return DefaultRecordBatch(bytes(batch._buffer))
    header = bytearray(batch._buffer[: _HEADER.size])
    header[batch.ATTRIBUTES_OFFSET + 1] &= ~batch.CODEC_MASK & 0xFF
    batch._maybe_uncompress()
    return DefaultRecordBatch(bytes(header + batch._buffer))
