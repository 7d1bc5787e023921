"""Step 4: answers, stock and offsets in one transaction: nobody ever sees half."""

import json
import sys

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition


def read_all(kafka, topic):
    """Yield every committed record of the topic, from its beginning to its end."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, isolation_level="read_committed")
    places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = consumer.end_offsets(places)
    while any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=100).values():
            yield from records
    consumer.close()


def decide(left, request):
    """The answer, and what is then left of each product that it takes."""
    answer = {name: request[name] for name in ("order_id", "warehouse_id", "at")}
    short = [
        {"product_id": product, "requested": units, "available": left[product]}
        for product, units in request["items"]
        if left[product] < units
    ]
    if short:
        return answer | {"type": "INSUFFICIENT_STOCK", "shortages": short}, {}
    return answer | {"type": "RESERVED"}, {product: left[product] - units for product, units in request["items"]}


def main(kafka, requests, responses, stock, group, name):
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all", transactional_id=name, retry_backoff_ms=5)
    producer.init_transactions()  # ends what an earlier life of this name has left open
    left = {record.key.decode(): int(record.value) for record in read_all(kafka, stock)}
    answered = {record.key.decode() for record in read_all(kafka, responses)}
    consumer = KafkaConsumer(
        requests,
        bootstrap_servers=kafka,
        group_id=group,
        group_instance_id=name,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    while True:
        batch = consumer.poll(timeout_ms=500)
        if not batch:
            continue
        member = consumer.group_metadata()
        producer.begin_transaction()
        sent = []
        for records in batch.values():
            for record in records:
                request = json.loads(record.value)
                if request["order_id"] in answered:
                    continue
                answer, changes = decide(left, request)
                left |= changes
                answered.add(request["order_id"])
                for product, units in changes.items():
                    sent.append(producer.send(stock, str(units).encode(), product.encode(), partition=record.partition))
                sent.append(producer.send(responses, json.dumps(answer).encode(), answer["order_id"].encode()))
        for future in sent:
            future.get(timeout=30)
        offsets = {place: OffsetAndMetadata(records[-1].offset + 1, "", -1) for place, records in batch.items()}
        producer.send_offsets_to_transaction(offsets, member)
        producer.commit_transaction()


if __name__ == "__main__":
    main(*sys.argv[1:])
