"""Idempotency keys: the order's id is made of the client's key, so a repeated request places one order.

No table of keys is kept. The same client and key give the same order id, on any gateway and after any crash; and an
order id that comes twice is one order: the saga ignores the second (lesson 08). What the saga has forgotten by then is
long in the read model, which is asked first. See the IETF's draft "The Idempotency-Key HTTP Header Field".
"""

import hashlib
import re
from collections.abc import Sequence
from http import HTTPStatus
from secrets import token_urlsafe

from ecomkafka.domain.order_view import OrderRow
from ecomkafka.http_api.order_form import OrderForm
from ecomkafka.http_api.problems import FieldError, problem
from ecomkafka.messages import Line

HEADER = "Idempotency-Key"
PATTERN = r'^("[ !#-\[\]-~]{1,200}"|[!#-\[\]-~]{1,200})$'
"""A string of a structured field (RFC 9651), or the same without its quotes, as many clients send it."""


def key_of(headers: Sequence[str]) -> str | None:
    """The client's key, None if it has sent none. Raises 400 for one that is none, or for two."""
    if not headers:
        return None
    key = headers[0].strip()
    if len(headers) > 1 or re.fullmatch(PATTERN, key) is None:
        error = FieldError(f"header:{HEADER}", "one text of 1 to 200 ASCII characters is needed, best in quotes")
        raise problem(HTTPStatus.BAD_REQUEST, f"{HEADER} can't be used", [error])
    return key.strip('"')


def order_id_of(client: str, key: str | None) -> str:
    """Always the same for a client's key; one that was never there without a key."""
    seed = f"{client}\0{key}" if key is not None else token_urlsafe(32)
    return f"ORD-{hashlib.sha256(seed.encode()).hexdigest()[:24]}"


def is_repetition(form: OrderForm, row: OrderRow, lines: Sequence[Line]) -> bool:
    """Whether `form` asks for the very order that is in the read model."""
    if row.customer_id is None:
        return True  # its beginning is lost: nothing speaks against it
    known = [(line.product_id, line.quantity) for line in lines]
    return (form.customer_id, list(form.items)) == (row.customer_id, known)


def other_order() -> Exception:
    """422: the key belongs to another order."""
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"this {HEADER} was sent with another order: repeat that one as it was, or choose a new key",
    )
