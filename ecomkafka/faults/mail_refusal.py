"""A mail server that refuses recipients on demand: full mailboxes, unknown addresses."""

from collections import Counter
from email import message_from_bytes, policy

from ecomkafka.gateways.mail_server import MailServer

FULL = "452 4.2.2 mailbox full"
"""Transient: another attempt may succeed (RFC 5321, 4.2.1; RFC 3463, X.2.2)."""

NO_SUCH_USER = "550 5.1.1 no such user here"
"""Permanent: no attempt will succeed before the address is another one (RFC 3463, X.1.1)."""


class ChoosyMailServer(MailServer):
    """Answers mail to the addresses in `replies` with the reply that stands there, for as long as it stands there."""

    def __init__(self, replies: dict[str, str] | None = None) -> None:
        super().__init__()
        self.replies = dict(replies or {})
        self.refused: Counter[str] = Counter()
        """How many attempts were refused, by address."""

    def _answer(self, content: bytes) -> str:
        to = str(message_from_bytes(content, policy=policy.default)["To"])
        if reply := self.replies.get(to):
            self.refused[to] += 1
            return reply
        return super()._answer(content)
