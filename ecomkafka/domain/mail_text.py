"""The text of a notification: what a customer is told, at which address, under which Message-ID."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from urllib.parse import quote, unquote

from ecomkafka.messages import Kind, Reason, SendNotification, Value

MAIL_DOMAIN = "ecomkafka.example"
CUSTOMERS_DOMAIN = "customers.example"
MAX_LOCAL_PART = 64
"""Octets before the @ (RFC 5321, 4.5.3.1.1)."""
MAX_LINE = 998
"""Octets of a line (RFC 5322, 2.1.1)."""

_BASE64 = "%-"  # begins no escape

# What RFC 5322 allows in an unquoted name (atext, dot), without % (the escape) and =? (would begin an encoded word).
_SAFE = "!#$&'*+-/^_`{|}~."

WORDS = {
    Reason.INSUFFICIENT_STOCK: "we do not have enough of what you ordered",
    Reason.PAYMENT_DECLINED: "your payment was declined",
    Reason.ROLLED_BACK: "the warehouse could not keep your goods",
    Reason.CUSTOMER_REQUEST: "you asked us to cancel it",
    Reason.TIMEOUT: "we could not complete it in time",
}


NO_WORDS = "for a reason that we cannot put into words yet"
"""A newer version has named it."""


class Mail(Value, frozen=True):
    """A mail as plain data; `at` becomes its date."""

    notification_id: str
    to: str
    subject: str
    body: str
    at: datetime


def mail_for(request: SendNotification) -> Mail:
    """The mail that `request` asks for. Raises ValueError if its customer id is too long for an address, or if it is of
    a kind that this version has no words for: a guess might tell the customer the contrary.
    """
    if not request.kind.is_known:
        raise ValueError(f"{request.kind} is a kind of notification of a newer version: replay it when that runs here")
    order, customer = _one_line(request.order_id), _one_line(request.customer_id)
    if request.kind is Kind.ORDER_CONFIRMED:
        subject, news = f"✅ Order {order} confirmed", f"your order {order} of {request.total:,.2f} is confirmed."
    else:
        why = WORDS.get(request.reason, NO_WORDS) if request.reason else "we were not told why"
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
    """The Message-ID by which mail systems recognise a second copy.

    An id for which the header's line would be too long is written in Base64, which is shorter for most scripts.
    """
    name = quote(notification_id, safe="-_")
    if len(f"Message-ID: <{name}@{MAIL_DOMAIN}>") > MAX_LINE:
        name = _BASE64 + urlsafe_b64encode(notification_id.encode()).decode().rstrip("=")
    return f"<{name}@{MAIL_DOMAIN}>"


def notification_id(message_id: str) -> str:
    """The inverse of `message_id`."""
    name = message_id.strip().removeprefix("<").removesuffix(f"@{MAIL_DOMAIN}>")
    if name.startswith(_BASE64):
        encoded = name.removeprefix(_BASE64)
        return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    return unquote(name)


def _one_line(text: str) -> str:
    """Without what could start a new header, confuse a screen or be decoded once more (RFC 2047)."""
    return "".join(character if character.isprintable() else "?" for character in text).replace("=?", "= ?")
