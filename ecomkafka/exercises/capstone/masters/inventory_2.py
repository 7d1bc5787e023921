"""Step 2: a kill -9 loses no request: first the answer is safe, then the offset is committed."""

import json
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition


def read_all(kafka, topic):
    """Yield every record of the topic, from its beginning to its end."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
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
    left = {record.key.decode(): int(record.value) for record in read_all(kafka, stock)}
    consumer = KafkaConsumer(
        requests,
        bootstrap_servers=kafka,
        group_id=group,
        group_instance_id=name,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all")
    while True:
        for records in consumer.poll(timeout_ms=500).values():
            sent = []
            for record in records:
                answer, changes = decide(left, json.loads(record.value))
                left |= changes
                for product, units in changes.items():
                    sent.append(producer.send(stock, str(units).encode(), product.encode(), partition=record.partition))
                sent.append(producer.send(responses, json.dumps(answer).encode(), answer["order_id"].encode()))
            for future in sent:
                future.get(timeout=30)
        consumer.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
