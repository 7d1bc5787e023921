"""The notification service: sends mails; a failed attempt goes to a retry topic, at last to the dead letter queue."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ecomkafka.clients import Cluster
from ecomkafka.clients.record import NOT_BEFORE, Forward, Record, not_before
from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.domain.mail_text import mail_for
from ecomkafka.domain.retry_policy import DELAYS, FAILURE, DeadLetter, Failure, Retry, RetryPolicy, delays_of
from ecomkafka.engine.state import State
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import DEAD_LETTERS, HOPS, RETRY_TOPICS
from ecomkafka.gateways.mail import Mailer, MailError, MailGateway
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.logs import log
from ecomkafka.messages import Message, NotificationFailed, NotificationSent, SendNotification


class NotificationService(Worker):
    """Nothing waits here: a retry waits in its topic until it is due. The policy is in `domain/retry_policy.py`.

    Mail goes through `mailer`, or to `server`, which its owner starts and stops; with neither, to a server of its own.
    A mail leaves before the transaction commits, so a crash repeats it: its Message-ID makes that harmless.
    """

    hop = HOPS["notification"]
    max_records = 100

    def __init__(
        self,
        cluster: Cluster | Sequence[str],
        instance: str = "0",
        *,
        clock: Clock = SYSTEM_CLOCK,
        mailer: MailGateway | None = None,
        server: MailServer | None = None,
        retry_delays: Sequence[float] = DELAYS,
    ) -> None:
        super().__init__(cluster, instance, clock=clock)
        if mailer is not None and server is not None:
            raise ValueError("mailer and server are both given: mail goes one way, give one of them")
        self._policy = RetryPolicy(delays_of(retry_delays, RETRY_TOPICS))
        self._own = MailServer() if mailer is None and server is None else None
        self._server = server or self._own
        self._mailer = mailer

    @property
    def server(self) -> MailServer:
        """The embedded mail server. Raises RuntimeError if mail goes elsewhere."""
        if self._server is None:
            raise RuntimeError("mail does not go to an embedded server: only that has a failure rate and a mailbox")
        return self._server

    @property
    def failure_rate(self) -> float:
        """The share of mails, 0 to 1, that the embedded server refuses. Raises RuntimeError if there is none."""
        return self.server.failure_rate

    @failure_rate.setter
    def failure_rate(self, rate: float) -> None:
        self.server.failure_rate = rate

    def on_start(self) -> None:
        if self._own is not None:
            self._own.start()
        if self._server is not None:
            self._mailer = Mailer(self._server.host, self._server.port)

    def on_stop(self) -> None:
        if self._mailer is not None:
            self._mailer.close()
        if self._own is not None:
            self._own.stop()

    def due(self, record: Record) -> datetime | None:
        """When the record is due; None if that is later than any retry can be, since such a time is wrong."""
        due, longest = not_before(record), timedelta(seconds=max(self._policy.delays))
        return due if due is not None and due - self.clock.now() <= longest else None

    def handle(self, record: Record, state: State) -> Iterable[Message | Forward]:
        request: SendNotification = record.message
        attempt = min(max(record.attempt, 1), self._policy.attempts)
        if failure := self._send(request):
            return self._failed(record, attempt, failure)
        return [_sent(request, attempt)]

    def _send(self, request: SendNotification) -> Failure | None:
        assert self._mailer is not None, "on_start makes it"
        try:
            mail = mail_for(request)
        except ValueError as error:
            return Failure(retryable=False, text=str(error))
        try:
            with self.observer.timed("mail"):
                self._mailer.send(mail)
        except MailError as error:
            return Failure(retryable=error.retryable, text=str(error))
        self.at("after_effect")
        return None

    def _failed(self, record: Record, attempt: int, failure: Failure) -> list[Message | Forward]:
        now = self.clock.now()
        headers = {
            "error": failure.text,
            "origin": record.header("origin") or str(record.position),
            f"{FAILURE}{attempt}": f"{now.isoformat(timespec='milliseconds')} {record.position} {failure.text}",
        }
        match self._policy.decide(attempt, failure):
            case Retry(index=index, delay=delay):
                due = (now + timedelta(seconds=delay)).isoformat()
                return [Forward(RETRY_TOPICS[index], record, headers | {"attempt": str(attempt + 1), NOT_BEFORE: due})]
            case DeadLetter(reason=reason):
                self._alert(record.message, attempt, reason)
                headers |= {
                    "error": reason,
                    "attempts": str(attempt),
                    "class": failure.classification,
                    "failed_at": now.isoformat(),
                }
                return [Forward(DEAD_LETTERS, record, headers), _given_up(record.message, attempt, reason)]

    def _alert(self, request: SendNotification, attempts: int, reason: str) -> None:
        log.warning(
            "⚠️ dead letter: a customer was not told",
            service=self.name,
            instance=self.instance,
            notification=request.notification_id,
            attempts=attempts,
            reason=reason,
        )


def _sent(request: SendNotification, attempt: int) -> NotificationSent:
    return NotificationSent(
        notification_id=request.notification_id, order_id=request.order_id, attempt=attempt, at=request.at
    )


def _given_up(request: SendNotification, attempts: int, error: str) -> NotificationFailed:
    return NotificationFailed(
        notification_id=request.notification_id,
        order_id=request.order_id,
        attempts=attempts,
        reason=error,
        error=error,
        at=request.at,
    )
