"""The order service's effects outside of Kafka, on plain state: no broker is asked."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ecomkafka import messages as m
from ecomkafka.clients.record import Record
from ecomkafka.clock import ManualClock
from ecomkafka.domain.saga import Saga
from ecomkafka.engine.state import State
from ecomkafka.gateways.payment import PaymentGateway
from ecomkafka.services.order import OrderService

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
LINE = m.Line(product_id="MOUSE", quantity=1, price=Decimal(10))
CREATED = m.OrderCreated(
    order_id="ORD", customer_id="ann", lines=(LINE,), total=Decimal(10), warehouses=("WH",), at=AT,
    deadline=AT + timedelta(seconds=30),
)  # fmt: skip
RESERVED = m.Reserved(order_id="ORD", warehouse_id="WH", at=AT)


class Noting(PaymentGateway):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def charge(self, order_id: str, customer_id: str, amount: Decimal) -> bool:
        self.asked.append("charge")
        return True

    def void(self, order_id: str) -> None:
        self.asked.append("void")


def given(service: OrderService, state: State, message: m.Message) -> list[str]:
    answers = service.handle(Record("orders.events", 0, 0, b"ORD", b"{}", (), 0, message), state)
    state.accept()
    return [answer.type for answer in answers]


def test_a_charge_is_undone_only_when_the_cancellation_is_committed():
    """One that was frozen past the deadline must not undo what others have confirmed meanwhile."""
    gateway, clock = Noting(), ManualClock(AT)
    service, state = OrderService(["127.0.0.1:9"], payment=gateway, clock=clock), State()
    given(service, state, CREATED)
    state.commit()
    clock.advance(seconds=60)
    assert "ORDER_CANCELLED" in given(service, state, RESERVED)
    saga = state.get("ORD")
    assert isinstance(saga, Saga)
    assert saga.voiding, "an attempt that was aborted may have charged"
    service.tick(clock.now(), state)
    assert gateway.asked == []
    state.abort()
    service.tick(clock.now(), state)
    assert gateway.asked == [], "what was decided in vain is not done"

    state.abort()
    given(service, state, RESERVED)
    state.commit()
    service.tick(clock.now(), state)
    state.accept()
    assert gateway.asked == ["void"]
    service.tick(clock.now(), state)
    assert gateway.asked == ["void"]
