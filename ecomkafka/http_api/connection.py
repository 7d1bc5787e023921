"""One client's connection, with a limit that uvicorn does not have: a request's header has to arrive in time."""

import asyncio
import socket

from uvicorn.protocols.http.h11_impl import H11Protocol


class BoundedConnection(H11Protocol):
    """Cuts off who opens a connection and then says nothing, or says it a byte at a time ("slowloris").

    uvicorn's own limit, `timeout_keep_alive`, ends with a request's first byte: here it holds for its header.
    """

    _cut: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio does this only where a socket was made with its protocol's number; without it an answer takes 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._expect_header()

    def data_received(self, data: bytes) -> None:
        between = self.cycle is None or self.cycle.response_complete
        if between and self._cut is None:
            self._expect_header()
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _expect_header(self) -> None:
        self._cut = self.loop.call_later(self.timeout_keep_alive, self.transport.close)

    def _forget(self) -> None:
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None
