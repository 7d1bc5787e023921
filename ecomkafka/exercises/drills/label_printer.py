"""The label printer of a third team: it reads the confirmed orders with kafka-python, as a beginner writes it.

What it can't read it tries again, on the spot and for ever: compare `engine/batch.py`.
"""

import json
import threading
from typing import Any, Self

from kafka.errors import KafkaError

from ecomkafka.clients import Cluster
from ecomkafka.logs import log

GROUP, TOPIC = "labels", "orders.events"

_PAUSE_SECONDS = 0.5
_STOP_SECONDS = 10.0


class LabelPrinter:
    """Prints a label for each confirmed order, in a thread; it can be stopped and started again."""

    def __init__(self, cluster: Cluster) -> None:
        self.printed: list[str] = []
        """The order of each label, as they came out."""
        self._cluster = cluster
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Go on where the group has committed. Raises RuntimeError if it runs."""
        if self._thread is not None:
            raise RuntimeError("the label printer runs already: stop() it first")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=GROUP, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Leave the group. Raises TimeoutError if that takes more than 10 s."""
        self._stopping.set()
        if (thread := self._thread) is not None:
            thread.join(_STOP_SECONDS)
            if thread.is_alive():
                raise TimeoutError(f"the label printer did not stop in {_STOP_SECONDS:.0f} s")
            self._thread = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
            except (KafkaError, ConnectionError) as error:
                log.warning("⚠️ no connection", service=GROUP, error=f"{type(error).__name__}: {error}")
                self._stopping.wait(_PAUSE_SECONDS)

    def _work(self) -> None:
        with self._cluster.consumer(GROUP) as consumer:
            consumer.subscribe([self._cluster.name(TOPIC)])
            while not self._stopping.is_set():
                for partition, records in consumer.poll(timeout_ms=100).items():
                    self._print(consumer, partition, records)
                consumer.commit(timeout_ms=5_000)

    def _print(self, consumer: Any, partition: Any, records: list[Any]) -> None:
        for record in records:
            try:
                event = json.loads(record.value)
            except ValueError as error:
                where = f"{TOPIC}:{record.partition}:{record.offset}"
                log.warning("⚠️ not printed, again", service=GROUP, position=where, error=str(error))
                consumer.seek(partition, record.offset)
                self._stopping.wait(_PAUSE_SECONDS)
                return
            if event["type"] == "ORDER_CONFIRMED":
                self.printed.append(event["order_id"])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()
