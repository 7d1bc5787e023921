"""The frames of Kafka's protocol, as the proxy reads them from a connection.

A frame is a length (4 bytes) and then, in a request, api key, api version and correlation id; an answer begins with the
correlation id of its request (https://kafka.apache.org/protocol.html#protocol_messages).
"""

import socket
import struct
from typing import Any, NamedTuple

from kafka.protocol.api_key import ApiKey
from kafka.protocol.producer import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
    ProduceRequest,
    TxnOffsetCommitRequest,
)

_OF_TRANSACTIONS: dict[int, Any] = {
    request.API_KEY: request
    for request in (
        *(InitProducerIdRequest, AddPartitionsToTxnRequest, ProduceRequest),
        *(AddOffsetsToTxnRequest, TxnOffsetCommitRequest, EndTxnRequest),
    )
}


class Request(NamedTuple):
    api: ApiKey
    version: int
    correlation: int
    frame: bytes

    @classmethod
    def of(cls, frame: bytes) -> "Request":
        key, version, correlation = struct.unpack_from(">hhi", frame, 4)
        return cls(ApiKey(key), version, correlation, frame)

    @property
    def transactional_id(self) -> str | None:
        """The transactional id of the request, or None."""
        if self.api not in _OF_TRANSACTIONS:
            return None
        body = _OF_TRANSACTIONS[self.api].decode(self.frame, version=self.version, header=True, framed=True)
        name = "v3_and_below_transactional_id" if self.api is ApiKey.AddPartitionsToTxn else "transactional_id"
        found: str | None = getattr(body, name)
        return found


def correlation_of(answer: bytes) -> int:
    """The correlation id of an answer."""
    correlation: int = struct.unpack_from(">i", answer, 4)[0]
    return correlation


def next_frame(end: socket.socket) -> bytes:
    """The next frame with its length; empty at the end of the connection, also within a frame."""
    length = _exactly(end, 4)
    body = _exactly(end, struct.unpack(">i", length)[0]) if length else b""
    return length + body if body else b""


def _exactly(end: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        if not (part := end.recv(min(size - len(parts), 65_536))):
            return b""
        parts += part
    return bytes(parts)
