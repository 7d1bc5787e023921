"""The mailbox of delivered mails: in memory, or in a Maildir that other processes can read."""

import mailbox
import re
import threading
from email import message_from_bytes, policy
from pathlib import Path
from typing import NamedTuple

from ecomkafka.domain.mail_text import notification_id


class Delivered(NamedTuple):
    """A mail as its reader sees it."""

    notification_id: str
    to: str
    subject: str
    body: str


class Mailbox:
    """Keeps every delivery, and shows each mail once: of those with the same Message-ID the first. Thread-safe."""

    def __init__(self, directory: Path | None = None) -> None:
        self._maildir = mailbox.Maildir(directory, factory=None) if directory else None
        self._keys: set[str] = set()
        self._unread: list[bytes] = []
        self._read: list[Delivered] = []
        self._lock = threading.Lock()

    def add(self, content: bytes) -> None:
        """Add a delivery; with a directory it is on disk when this returns. Raises OSError if it can't be written."""
        with self._lock:
            if self._maildir is None:
                self._unread.append(content)
            else:
                self._maildir.add(content)

    @property
    def deliveries(self) -> int:
        """The number of deliveries, copies included."""
        return len(self._all())

    @property
    def messages(self) -> list[Delivered]:
        """Each mail once, in sequence of arrival."""
        mails: dict[str, Delivered] = {}
        for mail in self._all():
            mails.setdefault(mail.notification_id, mail)
        return list(mails.values())

    def _all(self) -> list[Delivered]:
        """All deliveries, with those that other processes have put into the directory."""
        with self._lock:
            if self._maildir is not None:
                new = sorted(set(self._maildir.keys()) - self._keys, key=_arrival)
                self._unread += [self._maildir.get_bytes(key) for key in new]
                self._keys.update(new)
            self._read += [_read(content) for content in self._unread]
            self._unread = []
            return list(self._read)


def _arrival(key: str) -> tuple[int, int, str]:
    """A Maildir's keys begin with the second and the microsecond of arrival: 1767603600.M250000P17Q1.host."""
    found = re.match(r"(\d+)\.M(\d+)", key)
    return (int(found[1]), int(found[2]), key) if found else (0, 0, key)


def _read(content: bytes) -> Delivered:
    message = message_from_bytes(content, policy=policy.default)
    body = message.get_body(("plain",))
    return Delivered(
        notification_id(str(message["Message-ID"])),
        str(message["To"]),
        str(message["Subject"]),
        body.get_content().replace("\r\n", "\n") if body is not None else "",
    )
