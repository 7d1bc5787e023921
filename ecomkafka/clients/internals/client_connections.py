"""Private parts of a client's connections: how they are made, used and closed."""

import math
import ssl
import time
from contextlib import suppress
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaConnectionError, SaslAuthenticationFailedError
from kafka.net.inet import create_connection
from kafka.net.manager import KafkaConnectionManager
from kafka.net.transport import KafkaSSLTransport


def reconnect(consumer: KafkaConsumer) -> None:
    """Close the consumer's connections, so that it makes new ones.

    Without it each half-open connection costs one request its whole time limit. kafka-python can close a whole client
    only. Since 3.0.0: `_manager`, `_conns`; in 2.x the client itself had `_conns`.
    """

    def close() -> None:
        for connection in list(connections._conns.values()):
            connection.close(KafkaConnectionError("others had no answer either"))

    connections = consumer._client._manager
    with suppress(RuntimeError):  # another thread has closed the consumer meanwhile
        connections.call_soon(close)


def force_close(producer: KafkaProducer) -> None:
    """End the producer's thread; `close` it afterwards.

    `close(timeout)` raises KafkaTimeoutError while a record is unanswered, and the thread goes on sending. Since 2.0.2
    or earlier: `_sender`.
    """
    producer._sender.force_close()


def bound_handshake(connections: KafkaConnectionManager, seconds: float) -> None:
    """Give up a TLS handshake after `seconds`, and close the socket of one that failed.

    Without it a frozen broker holds its clients for ever. Since 3.0.0: `_build_transport`, `_net`, `_sock`.
    """

    async def shake_hands(transport: KafkaSSLTransport, deadline: float) -> None:
        while True:
            try:
                return transport._sock.do_handshake()  # type: ignore[no-any-return]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as wanted:
                reads = isinstance(wanted, ssl.SSLWantReadError)
                wait = transport._net.wait_read if reads else transport._net.wait_write
                await wait(transport._sock, timeout_at=deadline)

    async def build_transport(node: Any, timeout_at: float | None = None) -> KafkaSSLTransport:
        net, c = connections._net, connections.config
        way = c["socket_options"], c["proxy_url"], timeout_at
        connection = await create_connection(net, node.host, node.port, *way)
        try:
            transport = KafkaSSLTransport(net, connection, host=node.host, ssl_context=c["ssl_context"])
        except BaseException:
            connection.close()
            raise
        try:
            await shake_hands(transport, min(time.monotonic() + seconds, timeout_at or math.inf))
        except Exception as error:
            transport.abort(error)
            raise KafkaConnectionError(f"TLS handshake with {node.host}:{node.port} failed: {error}") from error
        return transport

    connections._build_transport = build_transport


def report_refused_password(connections: KafkaConnectionManager) -> None:
    """Let whoever wants a connection after a refused one get SaslAuthenticationFailedError.

    Without it a refused password looks like a broker that does not answer. The broker sends the reason and hangs up.
    Both arrive together, and kafka-python drops what came before a hang-up. Where it does read the reason, it stores it
    on an error that is never raised. Since 3.0.0: `_build_transport`, `_connect`, `_sock_recv`, `_auth_failures`.
    """
    build, connect = connections._build_transport, connections._connect

    async def build_transport(*arguments: Any, **options: Any) -> Any:
        transport = await build(*arguments, **options)
        receive = transport._sock_recv

        def receive_all() -> tuple[bytes, Exception | None]:
            data, error = receive()
            return (data, None) if data else (data, error)  # the hang-up is still there at the next read

        transport._sock_recv = receive_all
        return transport

    async def connect_and_remember(node: Any, connection: Any, **options: Any) -> None:
        await connect(node, connection, **options)
        if isinstance(refused := connection.init_future.exception, SaslAuthenticationFailedError):
            connections._auth_failures[node.node_id] = refused

    connections._build_transport, connections._connect = build_transport, connect_and_remember


def send(admin: KafkaAdminClient, request: Any, node: int | None = None) -> Any:
    """The answer to a request for which the admin client has no call; without `node` any broker is asked.

    kafka-python knows AlterClientQuotas and WriteTxnMarkers, and offers the first not at all and of the second only
    aborts. Since 3.0.0: `_manager`; in 2.x `_send_request_to_node`.
    """
    return admin._manager.run(lambda: _answer(admin._manager, request, node))


async def _answer(connections: KafkaConnectionManager, request: Any, node: int | None) -> Any:
    return await connections.send(request, node_id=node)
