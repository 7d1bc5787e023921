"""The proxy between clients and brokers, where an end dies at a bad moment, and where a request comes late."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from kafka.protocol.api_key import ApiKey
from kafka.protocol.producer import EndTxnRequest

from ecomkafka.faults.frames import Request, next_frame
from ecomkafka.faults.network_proxy import Fault, Proxy
from tests.waiting import PATIENCE


@pytest.fixture
def broker() -> Iterator[socket.socket]:
    """Something that takes connections; what it answers is up to the test."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        yield listener


@contextmanager
def connected(proxy: Proxy, broker: socket.socket) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection through the proxy: the client's and the broker's."""
    host, port = proxy.url.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), PATIENCE)) as client:
        client.sendall(f"CONNECT 127.0.0.1:{broker.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
        connection, _ = broker.accept()
        with closing(connection):
            connection.settimeout(PATIENCE)
            assert client.recv(100).startswith(b"HTTP/1.1 200")
            yield client, connection


def test_a_broker_that_dies_within_an_answer_ends_the_connection(broker):
    with Proxy() as proxy, connected(proxy, broker) as (client, connection):
        connection.sendall(b"\0\0\0\x64")  # a hundred bytes are to come
        connection.close()
        assert client.recv(100) == b""


def end_of(transactional_id: str, correlation: int) -> bytes:
    request = EndTxnRequest(transactional_id=transactional_id, producer_id=1, producer_epoch=0, committed=True)
    request.API_VERSION = 3
    request.with_header(correlation, "client")
    frame: bytes = request.encode(header=True, framed=True)
    return frame


def asked_and_answered(client: socket.socket, connection: socket.socket, frame: bytes) -> None:
    client.sendall(frame)
    _answer(connection, frame)
    assert next_frame(client)


def _answer(connection: socket.socket, frame: bytes) -> None:
    assert next_frame(connection) == frame
    connection.sendall(b"\0\0\0\4" + Request.of(frame).correlation.to_bytes(4))


def test_a_late_request_comes_after_so_many_others_of_its_transactional_id_and_its_client_is_cut(broker):
    late = end_of("mine", 1)
    with Proxy() as proxy, connected(proxy, broker) as (cut, its_broker), connected(proxy, broker) as others:
        rule = proxy.on(ApiKey.EndTxn, Fault.LATE_REQUEST, later=2)
        cut.sendall(late)
        assert cut.recv(100) == b""
        asked_and_answered(*others, end_of("mine", 1))
        asked_and_answered(*others, end_of("another", 2))
        client, connection = others
        last = end_of("mine", 3)
        client.sendall(last)
        its_broker.setblocking(False)
        with pytest.raises(BlockingIOError):  # it has not come yet
            its_broker.recv(1)
        its_broker.settimeout(PATIENCE)
        _answer(connection, last)
        _answer(its_broker, late)
        assert next_frame(client)
        assert rule.arrived.is_set()


def test_what_is_held_back_when_all_connections_end_is_lost_and_keeps_nobody_waiting(broker):
    with Proxy() as proxy, connected(proxy, broker) as (cut, its_broker):
        rule = proxy.on(ApiKey.EndTxn, Fault.LATE_REQUEST)
        cut.sendall(end_of("mine", 1))
        assert cut.recv(100) == b""
        proxy.cut()
        assert its_broker.recv(100) == b""
        with connected(proxy, broker) as others:
            asked_and_answered(*others, end_of("mine", 2))
        assert not rule.arrived.is_set()
