"""Logs of transactions on the broker, for the question on lag."""

from collections.abc import Sequence

from ecomkafka.clients.reader import partitions_of
from ecomkafka.exercises.checking import timed_transaction
from ecomkafka.exercises.checking.stage import SECONDS, Stage
from ecomkafka.messages import Message, encode


def write_transactions(
    stage: Stage, topic: str, event: Message, cases: Sequence[Sequence[tuple[int, bool]]]
) -> list[int]:
    """Write each case to a partition of its own: transactions, as (how many records, whether it is committed).

    Returns the ends that the broker reports: lags of a group that has read nothing. A marker is written a moment after
    its commit has returned, so the ends are waited for.
    """
    value = encode(event)
    with stage.cluster.producer(transactional_id="lag") as producer:
        producer.init_transactions()
        for partition, transactions in enumerate(cases):
            for records, well in transactions:
                producer.begin_transaction()
                for _ in range(records):
                    producer.send(stage.cluster.name(topic), value, partition=partition)
                producer.flush(timeout=SECONDS)
                (timed_transaction.commit if well else timed_transaction.abort)(producer)
    right = [sum(records + 1 for records, _ in transactions) for transactions in cases]
    with stage.cluster.consumer() as consumer:
        places = partitions_of(consumer, stage.cluster, topic)
        stage.until(lambda: list(map(consumer.end_offsets(places).get, places)) == right, "the last markers")
    return right
