"""The policy of notifications: what a customer is told, when a failed attempt is retried, when it is a dead letter."""

import math
from dataclasses import dataclass
from datetime import datetime
from numbers import Real
from urllib.parse import quote, unquote

from ecomkafka.messages import Kind, Reason, SendNotification, Value

DELAYS = (1.0, 4.0)
"""Seconds before the second and the third attempt: each wait is four times the one before."""

FAILURE = "failure."
"""Headers failure.1, failure.2, …: when and where each attempt was made, and why it failed."""

MAIL_DOMAIN = "ecomkafka.example"
CUSTOMERS_DOMAIN = "customers.example"
MAX_LOCAL_PART = 64
"""Octets before the @ (RFC 5321, 4.5.3.1.1)."""

# What RFC 5322 allows in an unquoted name (atext, dot), without % (the escape) and =? (would begin an encoded word).
_SAFE = "!#$&'*+-/^_`{|}~."

WORDS = {
    Reason.INSUFFICIENT_STOCK: "we do not have enough of what you ordered",
    Reason.PAYMENT_DECLINED: "your payment was declined",
    Reason.ROLLED_BACK: "the warehouse could not keep your goods",
    Reason.TIMEOUT: "we could not complete it in time",
}


class Mail(Value, frozen=True):
    """A mail as plain data; `at` becomes its date."""

    notification_id: str
    to: str
    subject: str
    body: str
    at: datetime


class Failure(Value, frozen=True):
    """Why an attempt failed, and whether another one may succeed."""

    retryable: bool
    text: str

    @property
    def classification(self) -> str:
        return "retryable" if self.retryable else "permanent"


class Retry(Value, frozen=True):
    """Try again after `delay` seconds, by way of the retry topic number `index`, counted from 0."""

    index: int
    delay: float


class DeadLetter(Value, frozen=True):
    """Give up, for this reason."""

    reason: str


@dataclass(frozen=True)
class RetryPolicy:
    """One attempt at once, then one after each of `delays` (seconds)."""

    delays: tuple[float, ...] = DELAYS

    def __post_init__(self) -> None:
        for delay in self.delays:
            if not (isinstance(delay, Real) and math.isfinite(delay) and delay >= 0):
                raise ValueError(f"retry delay is {delay!r}: seconds, 0 or more, are needed")

    @property
    def attempts(self) -> int:
        return len(self.delays) + 1

    def decide(self, attempt: int, failure: Failure) -> Retry | DeadLetter:
        """What follows when `attempt` (the first is 1) ended in `failure`."""
        if not failure.retryable:
            return DeadLetter(reason=failure.text)
        if attempt >= self.attempts:
            return DeadLetter(reason=f"attempt {attempt} of {self.attempts}: {failure.text}")
        return Retry(index=attempt - 1, delay=self.delays[attempt - 1])


def is_retryable(code: int | None) -> bool:
    """Of an SMTP reply: 5yz is permanent, 4yz transient (RFC 5321, 4.2.1); None, no reply, may be better next time."""
    return code is None or not 500 <= code < 600


def mail_for(request: SendNotification) -> Mail:
    """The mail that `request` asks for. Raises ValueError if its customer id is too long for an address."""
    order, customer = _one_line(request.order_id), _one_line(request.customer_id)
    if request.kind is Kind.ORDER_CONFIRMED:
        subject, news = f"✅ Order {order} confirmed", f"your order {order} of {request.total:,.2f} is confirmed."
    else:
        why = WORDS[request.reason] if request.reason else "we were not told why"
        subject = f"⚠️ Order {order} cancelled"
        news = f"your order {order} of {request.total:,.2f} is cancelled: {why}.\nYou pay nothing for it."
    body = f"Hello {customer},\n\n{news}\n\nYour shop\n"
    to = address(request.customer_id)
    return Mail(notification_id=request.notification_id, to=to, subject=subject, body=body, at=request.at)


def address(customer_id: str) -> str:
    """The customer's address, another one for every id. What an address can't hold is written as %XX, as in a URL.

    An id for which that is too long is written in Punycode. Raises ValueError if that is too long as well.

    >>> address("zoë")
    'zo%C3%AB@customers.example'
    """
    name = quote(customer_id, safe=_SAFE)
    if len(name) > MAX_LOCAL_PART:  # Punycode (RFC 3492) is shorter for what is not Latin; %- begins no escape
        name = min(name, "%-" + quote(customer_id.encode("punycode"), safe=_SAFE), key=len)
    if name.startswith(".") or name.endswith(".") or ".." in name:
        name = name.replace(".", "%2E")
    if not 1 <= len(name) <= MAX_LOCAL_PART:
        raise ValueError(
            f"customer_id {customer_id!r:.80} has no mail address: {len(name)} octets before the @, "
            f"1 to {MAX_LOCAL_PART} are allowed"
        )
    return f"{name}@{CUSTOMERS_DOMAIN}"


def message_id(notification_id: str) -> str:
    """The Message-ID by which mail systems recognise a second copy."""
    return f"<{quote(notification_id, safe='-_')}@{MAIL_DOMAIN}>"


def notification_id(message_id: str) -> str:
    """The inverse of `message_id`."""
    return unquote(message_id.strip().removeprefix("<").removesuffix(f"@{MAIL_DOMAIN}>"))


def _one_line(text: str) -> str:
    """Without what could start a new header, confuse a screen or be decoded once more (RFC 2047)."""
    return "".join(character if character.isprintable() else "?" for character in text).replace("=?", "= ?")
