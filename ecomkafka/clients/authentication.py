"""A refused password is told at once: in kafka-python 3.0.12 it looks like a broker that doesn't answer.

The broker says why and hangs up. Both arrive together, and kafka-python drops what came before a hang-up; where it does
hear it, it means to remember it, but waits for an error that is never raised.
"""

from typing import Any

from kafka.errors import SaslAuthenticationFailedError


def tell_refusals(manager: Any) -> None:
    """Let this manager of connections raise SaslAuthenticationFailedError to whoever wants a connection after one."""
    build, connect = manager._build_transport, manager._connect

    async def hearing_out(*arguments: Any, **options: Any) -> Any:
        transport = await build(*arguments, **options)
        receive = transport._sock_recv

        def receive_all() -> tuple[bytes, Exception | None]:
            data, error = receive()
            return (data, None) if data else (data, error)  # the hang-up is still there when it reads on

        transport._sock_recv = receive_all
        return transport

    async def remembering(node: Any, connection: Any, **options: Any) -> None:
        await connect(node, connection, **options)
        if isinstance(refused := connection.init_future.exception, SaslAuthenticationFailedError):
            manager._auth_failures[node.node_id] = refused

    manager._build_transport, manager._connect = hearing_out, remembering
