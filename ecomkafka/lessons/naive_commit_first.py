"""A naive notification service that commits before it sends: compare its sequence of steps with `engine/loop.py`.

Its rules are the right ones (`services/notification.py`), and while nothing goes wrong so is what comes of them. What
it had in hand when it died is committed and not done: nobody reads it again, and nothing shows it.
"""

from contextlib import closing

from kafka import KafkaConsumer, KafkaProducer

from ecomkafka.clients.groups import group_of, leave
from ecomkafka.clients.reader import to_record
from ecomkafka.engine.producer_record import outgoing
from ecomkafka.engine.state import State
from ecomkafka.engine.worker import Crash
from ecomkafka.services.notification import NotificationService

ACK_SECONDS = 10.0


class CommitFirst(NotificationService):
    """Commits what it has polled, then handles it; no transaction. It knows no retries."""

    def batch(self, consumer: KafkaConsumer, producer: KafkaProducer) -> None:
        polled = consumer.poll(timeout_ms=100)
        consumer.commit()
        if polled:
            self.at("after_offsets")
        for records in polled.values():
            for raw in records:
                record = to_record(self.cluster, raw)
                for answer in self.handle(record, State()):
                    topic, key, value, headers, _ = outgoing(self.cluster, record, answer)
                    producer.send(topic, key=key, value=value, headers=headers)
        producer.flush(timeout=ACK_SECONDS)  # nobody looks at the futures, either

    def run(self) -> None:
        """Work in the caller's thread until `stop()` or a crash."""
        self.on_start()
        try:
            with self.cluster.consumer(group_of(self.name), self.identity) as consumer:
                consumer.subscribe([self.cluster.name("notifications.requests")])
                with closing(self.cluster.producer()) as producer:
                    self.running()
                    while not self.stopping.is_set():
                        self.batch(consumer, producer)
            leave(self.cluster, self.cluster.name(group_of(self.name)), self.identity)
            self.status = "stopped"
        except Crash as crash:
            self._end("crashed", str(crash))
        finally:
            self.on_stop()
