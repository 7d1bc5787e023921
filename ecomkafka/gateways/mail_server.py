"""The embedded mail server: real SMTP, as unreliable as a lesson needs it."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from random import Random
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from ecomkafka.domain.basket import real, shown
from ecomkafka.gateways.mailbox import Delivered, Mailbox
from ecomkafka.waiting import seconds

HOST = "127.0.0.1"
_SECONDS = 5.0
_MOMENT = 0.005

logging.getLogger("mail.log").addHandler(logging.NullHandler())  # without one, Python prints its warnings


class MailServer:
    """A mail server on 127.0.0.1. It keeps its port and its mails when it is stopped and started: a lesson takes mail
    down so.

    `failure_rate`: the share of mails, 0 to 1, answered with 451; `random` chooses. `directory`: holds the mails.
    aiosmtpd's own Controller takes no port 0, and its `stop` waits without a limit for clients to go.
    """

    def __init__(
        self, *, failure_rate: float = 0.0, random: Random | None = None, directory: Path | None = None
    ) -> None:
        self.failure_rate = failure_rate
        self.delay = 0.0
        """Seconds by which the answer to a mail is late; by then the mail is taken."""
        self._random = random or Random(0)
        self._mailbox = Mailbox(directory)
        self._port = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def failure_rate(self) -> float:
        return self._failure_rate

    @failure_rate.setter
    def failure_rate(self, rate: float) -> None:
        share = real(rate)
        if share is None or not 0 <= share <= 1:
            raise ValueError(f"failure_rate is {shown(rate)}: a number from 0 (none fails) to 1 (all fail) is allowed")
        self._failure_rate = share

    @property
    def host(self) -> str:
        return HOST

    @property
    def port(self) -> int:
        if not self._port:
            raise RuntimeError("the mail server has no port yet: start() it first")
        return self._port

    @property
    def messages(self) -> list[Delivered]:
        """The mails that arrived, each once, however often it was sent."""
        return self._mailbox.messages

    @property
    def deliveries(self) -> int:
        """How many mails arrived, copies included."""
        return self._mailbox.deliveries

    def wait_for(self, count: int, timeout: float = 10.0) -> list[Delivered]:
        """Wait for `count` mails and return them. Raises TimeoutError with their number."""
        timeout = seconds(timeout)
        deadline = time.monotonic() + timeout
        while len(messages := self.messages) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(messages)} of {count} mails arrived in {timeout:g} s")
            threading.Event().wait(0.02)
        return messages

    def start(self) -> Self:
        """Listen, on the earlier port if there was one. Raises OSError if that is impossible."""
        if self._thread is not None:
            raise RuntimeError(f"the mail server runs already on {HOST}:{self._port}: stop() it first")
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="mail-server", daemon=True)
        self._thread.start()
        try:
            ready.result(_SECONDS)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Close every connection and the port. Raises TimeoutError if that takes more than 5 s."""
        thread, loop = self._thread, self._loop
        if thread is None:
            return
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended on its own
                loop.call_soon_threadsafe(self._stopping.set)
        thread.join(_SECONDS)
        if thread.is_alive():
            raise TimeoutError(f"the mail server on {HOST}:{self._port} did not stop in {_SECONDS:.0f} s")
        if self._thread is thread:  # nobody has started it again meanwhile
            self._thread = self._loop = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _run(self, ready: "Future[None]") -> None:
        try:
            asyncio.run(self._serve(ready))
        except OSError as error:
            ready.set_exception(error)

    async def _serve(self, ready: "Future[None]") -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        handler, connections = _Handler(self._answer_late), set[_Connection]()
        server = await self._loop.create_server(lambda: _Connection(handler, connections), HOST, self._port)
        self._port = server.sockets[0].getsockname()[1]
        ready.set_result(None)
        await self._stopping.wait()
        # asyncio never closes a client that it is just letting in when the server closes: let in no more, then go on.
        with contextlib.suppress(NotImplementedError):  # Windows' loop lets in at once
            self._loop.remove_reader(server.sockets[0])
        await asyncio.sleep(_MOMENT)
        server.close()
        while connections:
            for connection in list(connections):
                connection.hang_up()
            await asyncio.sleep(_MOMENT)

    async def _answer_late(self, content: bytes) -> str:
        answer = self._answer(content)
        await asyncio.sleep(self.delay)
        return answer

    def _answer(self, content: bytes) -> str:
        """The reply to a mail, RFC 5321, 4.2.3. Runs in the server's thread."""
        if self._random.random() < self._failure_rate:
            return "451 4.3.0 mail system unavailable, try again later"
        try:
            self._mailbox.add(content)
        except OSError as error:
            return f"452 4.3.1 the mailbox can't take it: {error.strerror}"
        return "250 2.0.0 mail accepted"


class _Handler:
    def __init__(self, answer: Callable[[bytes], Awaitable[str]]) -> None:
        self._answer = answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self._answer(envelope.original_content or b"")


class _Connection(SMTP):
    """One client's conversation; in `connections` while it lasts."""

    def __init__(self, handler: _Handler, connections: "set[_Connection]") -> None:
        super().__init__(handler, hostname="localhost", loop=asyncio.get_running_loop())
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
