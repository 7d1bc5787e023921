"""The order service: accepts orders, and orchestrates each order's saga."""

import threading
import uuid
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ecomkafka.catalogue import DEFAULT, Catalogue
from ecomkafka.clients import Cluster
from ecomkafka.clients.record import Record
from ecomkafka.clock import SYSTEM_CLOCK, Clock
from ecomkafka.domain.order import Order, Status
from ecomkafka.domain.order_numbers import OrderNumbers
from ecomkafka.domain.order_request import messages_of, requests_of
from ecomkafka.domain.placed_orders import History, Placed, content_of
from ecomkafka.domain.saga import (
    Charge,
    DeadlinePassed,
    Input,
    Output,
    PaymentAnswered,
    PaymentVoided,
    Saga,
    Void,
    step,
)
from ecomkafka.engine.producer_record import Sender
from ecomkafka.engine.state import State
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import HOPS
from ecomkafka.gateways.payment import LedgerGateway, PaymentGateway, PaymentUnavailable
from ecomkafka.logs import log
from ecomkafka.messages import Message, OrderCancelled, OrderConfirmed, OrderCreated, Reserve, exactly

DEADLINE = timedelta(seconds=30)
"""The time limit of a saga: shorter than the windows' allowed lateness, so that no order's end is late."""

MAX_DEADLINE = timedelta(days=365)


class OrderService(Worker):
    """The saga's decisions are in `domain/saga.py`; this keeps its state, asks the payment gateway and watches the
    deadline.
    """

    hop = HOPS["order"]
    state_type = Saga

    def __init__(
        self,
        cluster: Cluster | Sequence[str],
        instance: str = "0",
        *,
        clock: Clock = SYSTEM_CLOCK,
        payment: PaymentGateway | None = None,
        catalogue: Catalogue = DEFAULT,
        deadline: timedelta = DEADLINE,
        numbers: OrderNumbers | None = None,
    ) -> None:
        """`numbers`: for orders whose client gives no id; without it they get random ids."""
        super().__init__(cluster, instance, clock=clock)
        if not isinstance(deadline, timedelta):
            raise ValueError(f"deadline is {deadline!r:.80}: a timedelta is needed, for example timedelta(seconds=30)")
        if not -MAX_DEADLINE <= deadline <= MAX_DEADLINE:
            raise ValueError(f"deadline is {deadline!s:.80}: at most {MAX_DEADLINE.days} days are allowed")
        self.payment = payment if payment is not None else self._own_ledger()
        self.catalogue, self.deadline = catalogue, deadline
        self._numbers, self._numbering = numbers, threading.Lock()
        self._placed = Placed()
        self.earlier: Callable[[], History | None] = lambda: None
        """The orders from before this client's time; a shop has its read model."""
        self.sender = Sender(self.cluster, f"order-client-{instance}")

    def _own_ledger(self) -> PaymentGateway:
        """A ledger that survives `stop`, so that a restart charges nobody twice; closed with the service object."""
        ledger = LedgerGateway()
        weakref.finalize(self, ledger.close)
        return ledger

    # --- the client's side

    def create_order(self, customer_id: str, items: Sequence[Mapping[str, Any]], order_id: str | None = None) -> str:
        """Check the order, send ORDER_CREATED and one RESERVE per warehouse in one transaction, and return its id.

        `items`: dicts of `product_id`, `quantity` and, if wanted, `price` (else the catalogue's) and `discount`.
        A client that repeats a request with the same `order_id` gets one order. Raises ValueError, before anything is
        sent, that names item, field and what is allowed.
        """
        return self.create_orders([{"customer_id": customer_id, "items": items, "order_id": order_id}])[0]

    @exactly()
    def create_orders(self, requests: Iterable[Mapping[str, Any]]) -> list[str]:
        """Place many orders in one transaction. Each request has the arguments of `create_order`, and may have `at`,
        its event time: a datetime with a time zone, from 1970 to a day ahead; and `traceparent`, the trace that it
        continues. Raises ValueError as `create_order`; then none is placed.
        """
        self.admits()
        orders: list[tuple[OrderCreated, list[Reserve]]] = []
        callers: dict[str, str | None] = {}
        chosen: list[OrderCreated] = []
        for request in requests_of(requests):
            created, reserves = messages_of(
                request, self.catalogue, self.catalogue.currency, self.clock.now(), self.deadline, self._new_id
            )
            self._use(created.order_id)
            callers[created.order_id] = request.get("traceparent")
            if request.get("order_id") is not None:
                chosen.append(created)
            orders.append((created, reserves))
        there = self._placed.in_log(chosen, self.earlier)
        new = [(created, reserves) for created, reserves in orders if created.order_id not in there]
        messages: list[Message] = [message for created, reserves in new for message in (created, *reserves)]
        with self._placed.sending((created.order_id, content_of(created)) for created, _ in new):
            if messages:
                self.sender.send(messages, callers)
        return [created.order_id for created, _ in orders]

    def has_placed(self, order_id: str) -> bool:
        """Whether it is one of the newest that were placed here: the read model may not have it yet."""
        return order_id in self._placed

    def _new_id(self) -> str:
        if self._numbers is None:
            return f"ORD-{uuid.uuid4().hex[:12]}"
        with self._numbering:
            return self._numbers.new()

    def _use(self, order_id: str) -> None:
        if self._numbers is not None:
            with self._numbering:
                self._numbers.use(order_id)

    # --- the orchestrator's side

    def handle(self, record: Record, state: State) -> list[Message]:
        message = record.message
        if isinstance(message, OrderConfirmed | OrderCancelled):
            return []  # our own decision, read back
        if isinstance(message, OrderCreated):
            self._use(message.order_id)  # another client may have chosen it
        saga = state.get(message.order_id) or Saga()
        deadline = message.deadline if isinstance(message, OrderCreated) else saga.deadline
        late = deadline is not None and deadline <= self.clock.now() and not saga.expired
        # After a standstill the answers of long ago come in at once: by now they are too late.
        answers = self._advance(message.order_id, DeadlinePassed(), state) if late else []
        return answers + self._advance(message.order_id, message, state)

    def tick(self, now: datetime, state: State) -> list[Message]:
        """Cancel sagas past their deadline; ask the payment gateway again where it gave no answer.

        A charge is voided only after the cancellation is committed. An instance that was frozen, and whose orders
        another instance has confirmed, would otherwise void their charges before it learns that it is a zombie.
        """
        answers: list[Message] = []
        for order_id, saga in list(state.items()):
            if saga.deadline is not None and saga.deadline <= now and not saga.expired:
                answers += self._advance(order_id, DeadlinePassed(), state)
            elif saga.voiding and state.is_committed(order_id):
                answers += self._void(saga, saga.order, state)
            elif saga.charging and saga.paid is None and saga.order.status is Status.PENDING:
                answers += self._settle(order_id, saga, [Charge(order=saga.order)], state)
        return answers

    @property
    def owes(self) -> bool:
        """Whether a charge must still be voided."""
        return self.status == "running" and any(saga.voiding for saga in self.memory.values())

    def closed(self, value: Saga) -> bool:
        return value.closed

    def _advance(self, order_id: str, message: Input, state: State) -> list[Message]:
        saga, outputs = step(state.get(order_id) or Saga(), message)
        return self._settle(order_id, saga, list(outputs), state)

    def _settle(self, order_id: str, saga: Saga, outputs: list[Output], state: State) -> list[Message]:
        """Charge if the saga asks for it, give the saga the answer, and return the outputs. `tick` does the rest."""
        answers: list[Message] = []
        while outputs:
            output = outputs.pop(0)
            if isinstance(output, Message):
                answers.append(output)
            elif isinstance(output, Charge) and (answer := self._ask(output)) is not None:
                saga, more = step(saga, answer)
                outputs += more
        state.put(order_id, saga)
        return answers

    def _void(self, saga: Saga, order: Order, state: State) -> list[Message]:
        answer = self._ask(Void(order=order))
        if answer is None:
            return []
        saga, outputs = step(saga, answer)
        return self._settle(order.order_id, saga, list(outputs), state)

    def _ask(self, request: Charge | Void) -> PaymentAnswered | PaymentVoided | None:
        """The gateway's answer; None without one: `tick` asks again until the deadline."""
        order = request.order
        try:
            if isinstance(request, Charge):
                approved = self.payment.charge(order.order_id, order.customer_id, order.total)
                self.at("after_effect")
                return PaymentAnswered(approved=approved)
            self.payment.void(order.order_id)
            self.at("after_effect")
            return PaymentVoided()
        except PaymentUnavailable as error:
            log.warning("⚠️ payment not answered", service=self.name, order_id=order.order_id, error=str(error))
            return None

    def stop(self, timeout: float = 5.0) -> None:
        self.sender.close()
        super().stop(timeout)
