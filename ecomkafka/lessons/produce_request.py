"""A Produce request byte by byte: every field of the frame by its name in Kafka's protocol.

https://kafka.apache.org/protocol.html has the request, https://kafka.apache.org/documentation/#messageformat the batch.
"""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from ecomkafka.faults.frames import Request

VERSIONS = range(9, 13)
"""These are laid out as here; from 13 on a topic has an id in the place of its name."""

HEADER, REQUEST, BATCH, RECORD = "header", "request", "record batch", "record"
PARTS = (HEADER, REQUEST, BATCH, RECORD)


class Field(NamedTuple):
    """Some bytes of a frame, and what they say."""

    part: str
    """One of PARTS."""
    name: str
    start: int
    size: int
    value: Any


def fields(frame: bytes) -> list[Field]:
    """The fields of a frame with one uncompressed record, in the order of their bytes. ValueError for another frame."""
    request = Request.of(frame)
    if request.api.name != "Produce" or request.version not in VERSIONS:
        raise ValueError(
            f"a {request.api.name} request of version {request.version}: only Produce of the versions "
            f"{VERSIONS.start} to {VERSIONS.stop - 1} can be read here"
        )
    read = _Reader(frame)
    found = [*_header(read), *_request(read), *_batch(read), *_record(read)]
    found += [read.tags(REQUEST, f"tags of the {of}") for of in ("partition", "topic", "request")]
    if read.at != len(frame):
        raise ValueError(f"the frame has {len(frame)} bytes and its first record ends at {read.at}: send one record")
    return found


def as_table(found: list[Field], frame: bytes) -> pd.DataFrame:
    """One row per field: part, name, first byte, size, the bytes in hexadecimal and their value."""
    rows = [(*field[:4], frame[field.start : field.start + field.size].hex(" "), field.value) for field in found]
    return pd.DataFrame(rows, columns=["part", "field", "first byte", "size", "bytes", "value"])


def _header(read: "_Reader") -> Iterator[Field]:
    yield read.number(HEADER, "length of the rest", ">i")
    yield read.number(HEADER, "api key", ">h")
    yield read.number(HEADER, "api version", ">h")
    yield read.number(HEADER, "correlation id", ">i")
    size = read.number(HEADER, "length of client id", ">h")
    yield size
    yield read.text(HEADER, "client id", size.value)
    yield read.tags(HEADER, "tags of the header")


def _request(read: "_Reader") -> Iterator[Field]:
    """Lengths are stored plus one here; 0 stands for null."""
    yield read.length(REQUEST, "transactional id")
    yield read.number(REQUEST, "acks", ">h")
    yield read.number(REQUEST, "timeout in ms", ">i")
    yield read.length(REQUEST, "number of topics")
    size = read.length(REQUEST, "length of the topic's name")
    yield size
    yield read.text(REQUEST, "topic", size.value)
    yield read.length(REQUEST, "number of partitions")
    yield read.number(REQUEST, "partition", ">i")
    yield read.length(REQUEST, "bytes of records")


def _batch(read: "_Reader") -> Iterator[Field]:
    yield read.number(BATCH, "base offset", ">q")
    yield read.number(BATCH, "batch length", ">i")
    yield read.number(BATCH, "partition leader epoch", ">i")
    yield read.number(BATCH, "magic", ">b")
    yield read.number(BATCH, "CRC", ">I")
    yield read.number(BATCH, "attributes", ">h")
    yield read.number(BATCH, "last offset delta", ">i")
    yield read.number(BATCH, "first timestamp", ">q")
    yield read.number(BATCH, "last timestamp", ">q")
    yield read.number(BATCH, "producer id", ">q")
    yield read.number(BATCH, "producer epoch", ">h")
    yield read.number(BATCH, "base sequence", ">i")
    yield read.number(BATCH, "number of records", ">i")


def _record(read: "_Reader") -> Iterator[Field]:
    """Lengths are zigzag numbers here: 0, -1, 1, -2 … are stored as 0, 1, 2, 3 …"""
    yield read.zigzag(RECORD, "length of the record")
    yield read.number(RECORD, "attributes of the record", ">b")
    yield read.zigzag(RECORD, "timestamp delta")
    yield read.zigzag(RECORD, "offset delta")
    for name in ("key", "value"):
        size = read.zigzag(RECORD, f"length of the {name}")
        yield size
        if size.value >= 0:
            yield read.text(RECORD, name, size.value)
    yield read.zigzag(RECORD, "number of headers")


class _Reader:
    """Takes one field after the other from a frame."""

    def __init__(self, frame: bytes) -> None:
        self.frame, self.at = frame, 0

    def _take(self, part: str, name: str, size: int, value: Any) -> Field:
        field = Field(part, name, self.at, size, value)
        self.at += size
        return field

    def number(self, part: str, name: str, layout: str) -> Field:
        (value,) = struct.unpack_from(layout, self.frame, self.at)
        return self._take(part, name, struct.calcsize(layout), value)

    def text(self, part: str, name: str, size: int) -> Field:
        text = self.frame[self.at : self.at + size].decode(errors="backslashreplace")
        return self._take(part, name, size, text)

    def length(self, part: str, name: str) -> Field:
        """A compact length, or number of entries: None for null."""
        stored, size = self._varint()
        return self._take(part, name, size, stored - 1 if stored else None)

    def zigzag(self, part: str, name: str) -> Field:
        stored, size = self._varint()
        return self._take(part, name, size, (stored >> 1) ^ -(stored & 1))

    def tags(self, part: str, name: str) -> Field:
        """How many optional fields follow; kafka-python sends none."""
        stored, size = self._varint()
        return self._take(part, name, size, stored)

    def _varint(self) -> tuple[int, int]:
        """A number in as many bytes as it needs, seven bits in each, the lowest first; and how many bytes."""
        value = size = 0
        while True:
            byte = self.frame[self.at + size]
            value |= (byte & 0x7F) << (7 * size)
            size += 1
            if byte < 0x80:
                return value, size
