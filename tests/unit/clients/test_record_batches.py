"""The compiled codec writes and reads what kafka-python's own does, whatever is in the records."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka.errors import CorruptRecordError
from kafka.protocol.consumer import IsolationLevel
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecordsBuilder
from kafka.record.util import calc_crc32c

from ecomkafka.clients import record_batches
from ecomkafka.clients.record_batches import Unpacked

PLACE = TopicPartition("orders.events", 1)
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3}
LZ4 = CODECS["lz4"]
headers = st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=20)), max_size=3)
rows = st.lists(
    st.tuples(st.integers(0, 2**41), st.binary(max_size=20), st.none() | st.binary(max_size=300), headers), min_size=1
)


def packed(builder, rows, *, producer=(7, 3, 11)):
    for row in rows:
        assert builder.append(*row) is not None
    builder.set_producer_state(*producer, True)
    builder.close()
    return bytes(builder.buffer())


def unpacked(data, *, aborted=(), level=IsolationLevel.READ_COMMITTED, start=0):
    fetch = Unpacked(start, PLACE, MemoryRecords(data), isolation_level=level, aborted_transactions=aborted)
    return fetch, fetch.take()


@given(rows=rows)
def test_a_batch_is_what_the_client_itself_would_have_written(rows):
    ((batch, count),) = record_batches.packed(rows, 7, 3, 11, 100_000)
    assert batch == packed(MemoryRecordsBuilder(2, LZ4, 100_000), rows)
    assert count == len(rows)


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@given(rows=rows)
def test_what_was_packed_is_unpacked(codec, rows):
    fetch, found = unpacked(packed(MemoryRecordsBuilder(2, codec, 100_000), rows))
    assert [(r.timestamp, r.key, r.value, r.headers) for r in found] == rows
    assert [(r.topic, r.partition, r.offset) for r in found] == [(*PLACE, offset) for offset in range(len(rows))]
    assert fetch.next_fetch_offset == len(rows)


def test_a_full_batch_is_followed_by_one_that_goes_on_with_its_sequence():
    rows = [(1, b"k", b"v" * 900, [])] * 3
    batches = list(record_batches.packed(rows, 7, 3, 11, 1_000))
    assert [count for _, count in batches] == [1, 1, 1]
    assert [next(iter(MemoryRecords(batch))).base_sequence for batch, _ in batches] == [11, 12, 13]


def test_a_record_that_is_larger_than_a_batch_has_one_of_its_own():
    rows = [(1, b"k", value, []) for value in (b"small", b"v" * 5_000, b"small")]
    assert [count for _, count in record_batches.packed(rows, 7, 3, 0, 1_000)] == [1, 1, 1]


def test_records_before_the_place_where_the_fetch_began_are_left_out():
    data = packed(MemoryRecordsBuilder(2, LZ4, 1_000), [(1, b"k", b"%d" % number, []) for number in range(5)])
    assert [record.value for record in unpacked(data, start=3)[1]] == [b"3", b"4"]


def marker(kind):
    """The control batch that ends a transaction: 0 aborts it, 1 commits it."""
    builder = DefaultRecordBatchBuilder(2, 0, True, 7, 3, -1, 1_000)
    builder.append(0, 1, b"\0\0" + kind.to_bytes(2, "big"), b"", [])
    data, at, crc = builder.build(), DefaultRecordBatch.ATTRIBUTES_OFFSET, DefaultRecordBatch.CRC_OFFSET
    data[at + 1] |= DefaultRecordBatch.CONTROL_MASK
    data[crc : crc + 4] = calc_crc32c(memoryview(data)[at:]).to_bytes(4, "big")
    return bytes(data)


def test_of_an_aborted_transaction_and_of_markers_the_reader_sees_nothing():
    batch = packed(MemoryRecordsBuilder(2, LZ4, 1_000), [(1, b"k", b"v", [])])
    aborted = [SimpleNamespace(producer_id=7, first_offset=0)]
    assert unpacked(batch + marker(0), aborted=aborted)[1] == []
    assert len(unpacked(batch + marker(0), aborted=aborted, level=IsolationLevel.READ_UNCOMMITTED)[1]) == 1
    assert len(unpacked(batch + marker(0) + batch, aborted=aborted)[1]) == 1, "the abort ended with its marker"
    assert len(unpacked(batch + marker(1))[1]) == 1


def test_damaged_bytes_are_told_with_their_offset():
    data = bytearray(packed(MemoryRecordsBuilder(2, LZ4, 1_000), [(1, b"k", b"v" * 100, [])]))
    data[-1] ^= 1
    with pytest.raises(CorruptRecordError, match=r"orders\.events.* offset 0 "):
        unpacked(data)
