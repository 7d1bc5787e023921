"""A naive notification service that retries on the spot: everything after a failure waits."""

from collections.abc import Iterable

from ecomkafka.clients.record import Forward, Record
from ecomkafka.engine.state import State
from ecomkafka.flow import RETRY_TOPICS
from ecomkafka.messages import Message
from ecomkafka.services.notification import NotificationService


class BlockingNotificationService(NotificationService):
    """The same policy, the same mails; only where a retry waits is different: here, and not in a topic of its own."""

    def handle(self, record: Record, state: State) -> Iterable[Message | Forward]:
        answers = list(super().handle(record, state))
        while (retry := _retry_in(answers)) and not self.stopping.is_set():
            self.stopping.wait(self._policy.delays[record.attempt - 1])  # and so does everybody else
            headers = ((name, value.encode()) for name, value in retry.headers.items())
            record = record._replace(headers=(*record.headers, *headers))
            answers = list(super().handle(record, state))
        return answers


def _retry_in(answers: Iterable[Message | Forward]) -> Forward | None:
    return next((a for a in answers if isinstance(a, Forward) and a.topic in RETRY_TOPICS), None)
