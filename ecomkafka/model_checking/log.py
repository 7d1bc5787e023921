"""Messages on their way to one reader: in the sequence of a partition, or in any."""

from enum import StrEnum
from typing import Any

Messages = tuple[Any, ...]


class Kind(StrEnum):
    """What can happen to a message."""

    DELIVER = "deliver"
    DUPLICATE = "duplicate"
    """It is sent once more."""
    LOSE = "lose"
    RESEND = "resend"
    """What was lost is sent again."""
    CRASH = "crash"
    """The order service handles it and crashes before its commit: it will read the message again."""


def label(message: Any) -> str:
    """A message in words, without its warehouse: "RELEASE", "PaymentAnswered declined"."""
    name = str(getattr(message, "type", type(message).__name__))
    if (approved := getattr(message, "approved", None)) is not None:
        return f"{name} {'approved' if approved else 'declined'}"
    return f"{name} {message.reason}" if hasattr(message, "reason") else name


def appended(messages: Messages, new: Messages, ordered: bool) -> Messages:
    """Where any may be read next their sequence says nothing: they are sorted, so that equal ones are equal."""
    return messages + new if ordered else tuple(sorted(messages + new, key=label))


def readable(messages: Messages, ordered: bool) -> Messages:
    """Those that may be read next."""
    return messages[:1] if ordered else distinct(messages)


def without(messages: Messages, message: Any) -> Messages:
    at = messages.index(message)
    return messages[:at] + messages[at + 1 :]


def distinct(messages: Messages) -> Messages:
    return tuple(dict.fromkeys(messages))
