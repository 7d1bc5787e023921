"""The proxy between clients and brokers, where an end dies at a bad moment."""

import socket
from contextlib import closing

from ecomkafka.lab.network import Proxy


def test_a_broker_that_dies_within_an_answer_ends_the_connection():
    with Proxy() as proxy, socket.create_server(("127.0.0.1", 0)) as broker:
        broker.settimeout(5.0)
        entrance, target = proxy.url.removeprefix("http://").split(":"), broker.getsockname()[1]
        with closing(socket.create_connection((entrance[0], int(entrance[1])), 5.0)) as client:
            client.sendall(f"CONNECT 127.0.0.1:{target} HTTP/1.1\r\n\r\n".encode())
            connection, _ = broker.accept()
            assert client.recv(100).startswith(b"HTTP/1.1 200")
            connection.sendall(b"\0\0\0\x64")  # a hundred bytes are to come
            connection.close()
            assert client.recv(100) == b""
