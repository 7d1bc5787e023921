"""Batches of records, packed and unpacked by aiokafka's compiled codec inside kafka-python's classes.

In plain Python a record costs more to pack and unpack than all that a service does with it. Compression and checksums
stay kafka-python's.
"""

from collections.abc import Iterable, Iterator

from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import CorruptRecordError
from kafka.record import MemoryRecords

from ecomkafka.clients.internals.batches import FetchedRecords, transactional, uncompressed

MAGIC = 2
"""Version of the record format, the only one since Kafka 4; a log may still have older batches."""

Row = tuple[int, bytes, bytes | None, list[tuple[str, bytes]]]
"""A record: timestamp (milliseconds since 1970), key, value, headers."""

_make = tuple.__new__
"""What a namedtuple's own constructor calls in the end."""


def packed(
    rows: Iterable[Row], producer_id: int, epoch: int, sequence: int, batch_size: int
) -> Iterator[tuple[bytes, int]]:
    """The records as batches of a transaction, each with how many it has; `sequence` is that of the first record."""
    builder, count = _builder(batch_size), 0
    for row in rows:
        if builder.append(count, *row) is None:
            yield transactional(bytes(builder.build()), producer_id, epoch, sequence), count
            sequence += count
            builder, count = _builder(batch_size), 0
            builder.append(count, *row)
        count += 1
    yield transactional(bytes(builder.build()), producer_id, epoch, sequence), count


def _builder(size: int) -> DefaultRecordBatchBuilder:
    return DefaultRecordBatchBuilder(MAGIC, 0, False, -1, -1, -1, size)


class Unpacked(FetchedRecords):
    """The records of one fetch of a partition; keys and values stay bytes, and their sizes are not counted.

    `checksum`, which records have no more, is the producer's id and epoch.
    """

    def unpack(self, batches: MemoryRecords) -> Iterator[ConsumerRecord]:
        topic, partition = self.topic_partition
        while (batch := batches.next_batch()) is not None:
            if not batch.validate_crc():
                raise CorruptRecordError(
                    f"{self.topic_partition} has a batch at offset {batch.base_offset} that fails its checksum"
                )
            if batch.magic < MAGIC or self.is_visible(batch):
                epoch = self.leader_epoch
                producer = (batch.producer_id, batch.producer_epoch) if batch.magic >= MAGIC else None
                for record in batch if batch.magic < MAGIC else DefaultRecordBatch(uncompressed(batch)):
                    self.next_fetch_offset = record.offset + 1
                    yield _make(
                        ConsumerRecord,
                        (topic, partition, epoch, record.offset, record.timestamp, record.timestamp_type,
                         record.key, record.value, record.headers, producer, -1, -1, -1),
                    )  # fmt: skip
            if batch.magic >= MAGIC:  # a compacted batch ends behind its last record
                self.next_fetch_offset = batch.next_offset
        self.drain()
