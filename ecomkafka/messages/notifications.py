"""Requests to tell a customer and what became of them: `notifications.requests`, its retry topics and
`notifications.events`, keyed by order_id.
"""

from decimal import Decimal

from ecomkafka.messages.orders import Reason
from ecomkafka.messages.values import Id, LongId, Message, OpenEnum, Positive, check_money


class Kind(OpenEnum):
    """What a notification tells the customer."""

    ORDER_CONFIRMED = "ORDER_CONFIRMED"
    ORDER_CANCELLED = "ORDER_CANCELLED"


class SendNotification(Message, frozen=True):
    """Tell the customer. `notification_id` becomes the mail's Message-ID, so a second copy can be recognised."""

    notification_id: LongId
    order_id: Id
    customer_id: Id
    kind: Kind
    total: Decimal
    reason: Reason | None = None

    def __post_init__(self) -> None:
        check_money("total", self.total)


class NotificationSent(Message, frozen=True):
    notification_id: LongId
    order_id: Id
    attempt: Positive


class NotificationFailed(Message, frozen=True):
    """Every attempt failed; the request is in notifications.dlq. `error`: the `reason`, as readers of v1 need it."""

    notification_id: LongId
    order_id: Id
    attempts: Positive
    reason: str
    error: str
