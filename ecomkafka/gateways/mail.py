"""The mail client: one open SMTP connection, and a time limit for every attempt."""

import re
import smtplib
import time
from email.message import EmailMessage
from typing import Protocol

from ecomkafka.domain.mail_text import MAIL_DOMAIN, Mail, message_id
from ecomkafka.domain.retry_policy import is_retryable
from ecomkafka.gateways.smtp import Connection

TIMEOUT = 2.0
"""Seconds per attempt, including connecting, and reconnecting where the old connection is dead."""


class MailError(Exception):
    """A mail was not accepted. `code` is the server's reply, None if it gave none."""

    def __init__(self, retryable: bool, code: int | None, text: str) -> None:
        super().__init__(f"{code} {text}" if code is not None else text)
        self.retryable, self.code, self.text = retryable, code, text


class MailGateway(Protocol):
    """Accepts mails, or raises MailError."""

    def send(self, mail: Mail) -> None:
        """Raises MailError if the mail was not, or may not have been, accepted."""

    def close(self) -> None: ...


class CountingMailer:
    """Counts mails without sending any."""

    def __init__(self) -> None:
        self.count = 0

    def send(self, mail: Mail) -> None:
        self.count += 1

    def close(self) -> None:
        """Do nothing: no connection is open."""


class Mailer:
    """Sends over SMTP to `host`:`port`. Belongs to one thread."""

    def __init__(self, host: str, port: int, timeout: float = TIMEOUT) -> None:
        self._host, self._port, self._timeout = host, port, timeout
        self._connection: Connection | None = None

    @classmethod
    def of(cls, server: str) -> "Mailer":
        """A Mailer for "host:port"; raises ValueError for anything else."""
        found = re.fullmatch(r"([^\s:]+|\[[0-9a-fA-F:]+\]):(\d{1,5})", server)
        if not found or not 1 <= int(found[2]) <= 65535:
            raise ValueError(f"mail server {server!r:.80}: 'host:port' is needed, for example 'localhost:25'")
        return cls(found[1].strip("[]"), int(found[2]))

    def send(self, mail: Mail) -> None:
        """Returns when the server has accepted `mail`; raises MailError, after the timeout at the latest."""
        deadline = time.monotonic() + self._timeout
        was_open = self._connection is not None
        try:
            message = compose(mail)
            try:
                self._deliver(message, deadline)
            except (smtplib.SMTPServerDisconnected, ConnectionError):
                if not was_open:
                    raise
                # A server closes what is idle. If it had the mail already, the Message-ID tells it so.
                self.close()
                self._deliver(message, deadline)
        except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
            if not isinstance(error, _REFUSALS):
                self.close()
            raise _explained(error, f"{self._host}:{self._port}") from error

    def _deliver(self, message: EmailMessage, deadline: float) -> None:
        if self._connection is None:
            self._connection = Connection(deadline)
            code, text = self._connection.connect(self._host, self._port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, text)
        self._connection.deadline = deadline
        self._connection.send_message(message)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


# After these the conversation goes on; after anything else nobody knows where it stands.
_REFUSALS = smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError


def compose(mail: Mail) -> EmailMessage:
    """The mail in RFC 5322 form; its Message-ID is made from the notification's id."""
    message = EmailMessage()
    message["Message-ID"] = message_id(mail.notification_id)
    message["Date"] = mail.at
    message["From"] = f"shop@{MAIL_DOMAIN}"
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message.set_content(mail.body)
    return message


def _explained(error: Exception, server: str) -> MailError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refused(*next(iter(error.recipients.values())))
    # smtplib's code -1: what came is no SMTP reply.
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return _refused(error.smtp_code, error.smtp_error)
    hopeless = isinstance(error, smtplib.SMTPNotSupportedError | ValueError)
    return MailError(not hopeless, None, f"mail server {server}: {str(error) or type(error).__name__:.200}")


def _refused(code: int, text: bytes | str) -> MailError:
    words = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return MailError(is_retryable(code), code, " ".join(words.split())[:200])
