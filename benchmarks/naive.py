"""The shop as a beginner writes it from the patterns' descriptions: it works, as long as nothing goes wrong.

One transaction an order on the client's side, because the pattern says so. In the services: auto-commit, state in
memory, one record sent and flushed at a time. No offsets in a transaction, no changelog, no fencing. kafka-python's
defaults, but for `retry_backoff_ms`: with its 100 ms a transaction this contestant would lose by a setting.
"""

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any, Self

from kafka import KafkaConsumer, KafkaProducer

from ecomkafka.clients import Cluster

TOPICS = (
    "orders.events",
    "inventory.requests",
    "inventory.responses",
    "notifications.requests",
    "notifications.events",
)


class NaiveShop:
    """Four services as threads; `create_order` is the client."""

    def __init__(self, cluster: Cluster, stock: dict[str, int]) -> None:
        self._cluster = cluster
        self._servers = list(cluster.bootstrap)
        self._stock = dict(stock)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._client = KafkaProducer(
            bootstrap_servers=self._servers, transactional_id=cluster.name("naive-client"), retry_backoff_ms=5
        )
        self._client.init_transactions()

        self.windows: dict[str, int] = {}
        self.payments: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        handlers: dict[str, tuple[tuple[str, ...], Callable[..., None]]] = {
            "inventory": (("inventory.requests",), self._inventory),
            "order": (("inventory.responses",), self._order),
            "notification": (("notifications.requests",), self._notification),
            "analytics": (("orders.events", "notifications.events"), self._analytics),
        }
        ready = threading.Barrier(len(handlers) + 1)
        for name, (topics, handle) in handlers.items():
            thread = threading.Thread(target=self._run, args=(name, topics, handle, ready), daemon=True)
            thread.start()
            self._threads.append(thread)
        ready.wait(60)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)
        self._client.close(timeout=5)

    def create_order(self, customer_id: str, items: list[dict[str, Any]]) -> str:
        order_id = uuid.uuid4().hex
        self._client.begin_transaction()
        order = {"type": "ORDER_CREATED", "order_id": order_id, "customer_id": customer_id, "items": items}
        self._send(self._client, "orders.events", order_id, order)
        self._send(self._client, "inventory.requests", order_id, {**order, "type": "RESERVE"})
        self._client.commit_transaction()
        return order_id

    def _run(self, name: str, topics: tuple[str, ...], handle: Callable[..., None], ready: threading.Barrier) -> None:
        producer = KafkaProducer(bootstrap_servers=self._servers)
        consumer = KafkaConsumer(
            *(self._cluster.name(topic) for topic in topics),
            bootstrap_servers=self._servers,
            group_id=self._cluster.name(f"naive-{name}"),
            auto_offset_reset="earliest",
        )
        while not (consumer.assignment() or self._stopping.is_set()):
            consumer.poll(timeout_ms=1_000)
        ready.wait(60)
        while not self._stopping.is_set():
            for records in consumer.poll(timeout_ms=100).values():
                for record in records:
                    handle(producer, json.loads(record.value))
        consumer.close()
        producer.close(timeout=5)

    def _inventory(self, producer: KafkaProducer, request: dict[str, Any]) -> None:
        if request["type"] == "RESERVE":
            enough = all(self._stock[item["product_id"]] >= item["quantity"] for item in request["items"])
            for item in request["items"] if enough else ():
                self._stock[item["product_id"]] -= item["quantity"]
            answer = {**request, "type": "RESERVED" if enough else "INSUFFICIENT_STOCK"}
            self._send(producer, "inventory.responses", request["order_id"], answer)
            producer.flush()

    def _order(self, producer: KafkaProducer, answer: dict[str, Any]) -> None:
        reserved = answer["type"] == "RESERVED"
        if reserved:
            self.payments[answer["order_id"]] = "APPROVED"
        end = "ORDER_CONFIRMED" if reserved else "ORDER_CANCELLED"
        for topic, kind in (
            ("orders.events", end),
            ("inventory.requests", "DEDUCT"),
            ("notifications.requests", "SEND"),
        ):
            self._send(producer, topic, answer["order_id"], {**answer, "type": kind})
            producer.flush()

    def _notification(self, producer: KafkaProducer, request: dict[str, Any]) -> None:
        sent = {"type": "NOTIFICATION_SENT", "order_id": request["order_id"]}
        self._send(producer, "notifications.events", request["order_id"], sent)
        producer.flush()

    def _analytics(self, producer: KafkaProducer, event: dict[str, Any]) -> None:
        self.windows[event["type"]] = self.windows.get(event["type"], 0) + 1

    def _send(self, producer: KafkaProducer, topic: str, key: str, value: dict[str, Any]) -> None:
        producer.send(self._cluster.name(topic), key=key.encode(), value=json.dumps(value).encode())
