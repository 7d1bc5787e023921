"""A Produce request as kafka-python packs it, read back field by field."""

from itertools import pairwise

import pytest
from kafka.protocol.producer import InitProducerIdRequest, ProduceRequest
from kafka.record.memory_records import MemoryRecordsBuilder

from ecomkafka.lessons.produce_request import PARTS, as_table, fields


def frame_of(records=((b"ORD-1", b'{"mugs": 2}'),), acks=-1, version=9):
    batch = MemoryRecordsBuilder(magic=2, compression_type=0, batch_size=16_384)
    for key, value in records:
        batch.append(timestamp=1_700_000_000_000, key=key, value=value)
    batch.close()
    topic = ProduceRequest.TopicProduceData
    partition = topic.PartitionProduceData(index=2, records=batch.buffer())
    topics = [topic(name="orders", partition_data=[partition])]
    request = ProduceRequest(transactional_id=None, acks=acks, timeout_ms=30_000, topic_data=topics)
    request.with_header(correlation_id=7, client_id="till-3")
    return request.encode(version=version, header=True, framed=True)


def values(frame):
    return {field.name: field.value for field in fields(frame)}


def test_every_byte_belongs_to_one_field() -> None:
    frame = frame_of()
    found = fields(frame)
    assert found[0].start == 0
    assert all(one.start + one.size == other.start for one, other in pairwise(found))
    assert found[-1].start + found[-1].size == len(frame)
    assert {field.part for field in found} == set(PARTS)


def test_the_fields_say_what_was_sent() -> None:
    found = values(frame_of())
    assert (found["correlation id"], found["client id"]) == (7, "till-3")
    assert (found["topic"], found["partition"], found["acks"]) == ("orders", 2, -1)
    assert (found["key"], found["value"]) == ("ORD-1", '{"mugs": 2}')
    assert (found["number of records"], found["base offset"], found["transactional id"]) == (1, 0, None)
    assert found["first timestamp"] == 1_700_000_000_000


def test_a_record_without_a_key_has_no_bytes_for_it() -> None:
    found = values(frame_of([(None, b"x")]))
    assert found["length of the key"] == -1
    assert "key" not in found


def test_the_table_has_the_bytes_in_hexadecimal() -> None:
    frame = frame_of()
    table = as_table(fields(frame), frame).set_index("field")
    assert table.loc["acks", "bytes"] == "ff ff"
    assert bytes.fromhex("".join(table["bytes"])) == frame


def test_another_request_is_refused() -> None:
    other = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=1)
    other.with_header(correlation_id=1, client_id="till-3")
    with pytest.raises(ValueError, match="InitProducerId request of version 4: only Produce"):
        fields(other.encode(version=4, header=True, framed=True))


def test_two_records_are_refused() -> None:
    with pytest.raises(ValueError, match="send one record"):
        fields(frame_of([(b"a", b"1"), (b"b", b"2")]))
