"""Kafka by hand: a producer that knows what was taken, a consumer that loses nothing, a request read byte by byte."""

import json
import struct
from collections import Counter
from typing import Any

from kafka import KafkaProducer

from ecomkafka.exercises.checking.bounded import Bounded
from ecomkafka.exercises.checking.power_cut import PowerCut
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.shape import items, mapping
from ecomkafka.exercises.checking.stage import Stage
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.exercises.lesson_01.stage import ORDERS, TOPIC, Station, raw_records

# --- q1: send, and know that it was taken

NO_KEY = (
    "The record has no key, or another one than the order's id in UTF-8: two events of one order may be torn apart."
)
NOT_JSON = "The value is not the order as JSON in UTF-8: `json.dumps(order).encode()`."
MISSING = "Not every order is on the topic, or one is there more than once. Send each order once."
NO_ANSWER = "That is not what the broker answered. `send` returns a future; its `get` has `partition` and `offset`."

POSITIONS = "a list of pairs (partition, offset)"


def publish(producer: Any, topic: str, orders: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Send the orders; when it returns, the broker has them all. The (partition, offset) of each, as in `orders`."""
    futures = [
        producer.send(topic, key=order["order_id"].encode(), value=json.dumps(order).encode()) for order in orders
    ]
    producer.flush(timeout=10)
    answers = [future.get(timeout=10) for future in futures]
    return [(answer.partition, answer.offset) for answer in answers]


def examine_publish(answer: Bounded, stage: Stage) -> None:
    stage.create(TOPIC)
    name = stage.cluster.name(TOPIC)
    with KafkaProducer(bootstrap_servers=list(stage.cluster.bootstrap)) as producer:
        said = answer(producer, name, [dict(order) for order in ORDERS])
    records = raw_records(stage, TOPIC)
    keys = {order["order_id"].encode(): order for order in ORDERS}
    for record in records:
        if record.key not in keys:
            raise Wrong(NO_KEY, f"one of {sorted(keys)}", repr(record.key), record.offset)
        if _decoded(record.value) != keys[record.key]:
            raise Wrong(NOT_JSON, json.dumps(keys[record.key]), f"{record.value!r:.80}", record.offset)
    if len(records) != len(ORDERS):
        raise Wrong(MISSING, f"{len(ORDERS)} records", f"{len(records)}: {said!r:.60}", TOPIC)
    place = {record.key: (record.partition, record.offset) for record in records}
    right = [place[order["order_id"].encode()] for order in ORDERS]
    found = [tuple(pair) if isinstance(pair, list | tuple) else pair for pair in items(said, POSITIONS)]
    if found != right:
        raise Wrong(NO_ANSWER, right, f"{said!r:.90}", TOPIC)


def _decoded(value: bytes) -> Any:
    try:
        return json.loads(value)
    except (ValueError, TypeError):
        return None


q1 = Question(
    "01.q1", examine_publish, publish, "the broker has every order, with its key, and you know where each is."
)

# --- q2: a station that loses nothing

LOST = "That order was never packed: its offset was committed before the work was done. First pack, then commit."
AGAIN = "Everything was packed before, and with the next start it is all packed again: nothing was committed."
STOPPED = "The program was started, nothing failed, and it did not pack everything. Poll until nothing comes any more."


def work(consumer: Any, pack: Any) -> None:
    """Pack every record, and return when none has come for a second. A crash may repeat a record, and lose none."""
    while batch := consumer.poll(timeout_ms=1000):
        for records in batch.values():
            for record in records:
                pack(record)
        consumer.commit()


def examine_work(answer: Bounded, stage: Stage) -> None:
    answer.passes = (PowerCut,)
    stage.create(TOPIC)
    station = Station(stage)
    for cut in (-1, 0, 5):
        ids = station.fill(f"D{cut + 1}")
        station.live(answer, cut)
        if cut >= 0:
            station.live(answer)
        packed = Counter(station.packed)
        when = f"after a power cut while order {cut + 1} was packed" if cut >= 0 else "without any power cut"
        if missing := [name for name in ids if not packed[name]]:
            raise Wrong(LOST if cut >= 0 else STOPPED, f"{missing[0]} packed", f"{dict(packed)}, {when}", TOPIC)
        station.packed.clear()
        station.live(answer)
        if station.packed:
            raise Wrong(AGAIN, "nothing to pack", f"{len(station.packed)} orders packed again, {when}", TOPIC)


q2 = Question(
    "01.q2",
    examine_work,
    work,
    "the power was cut in the middle of the work, twice, and every order was packed.",
    seconds=30.0,
)

# --- q3: the first bytes of a request

SIZE_FIRST = "The first four bytes are the size of what follows. It is not part of the request's header."
CLIENT_ID = "The client id is a length in two bytes, signed, and so many bytes of UTF-8. A length of -1 is None."
BIG_ENDIAN = "Kafka's numbers have their most significant byte first: `>` in a format of `struct`."

FIELDS = ("size", "api_key", "api_version", "correlation_id", "client_id")
CASES = (
    (1, 13, 1, "station", b"\x00rest"),
    (10, 4, 2_000, None, b""),
    (18, 3, 70_000, "", b"abc"),
    (26, 4, -2, "Grüße 📦", b"\x01\x02"),
    (3, 12, 257, "x" * 200, b"y" * 300),
)


def header(frame: bytes) -> dict[str, Any]:
    """The size and the header (version 1) of a request as it is on the wire, a field per name of FIELDS."""
    size, api_key, api_version, correlation_id, length = struct.unpack_from(">ihhih", frame)
    client_id = None if length < 0 else frame[14 : 14 + length].decode()
    numbers = {"size": size, "api_key": api_key, "api_version": api_version, "correlation_id": correlation_id}
    return {**numbers, "client_id": client_id}


def examine_header(answer: Bounded, stage: Stage) -> None:
    for key, version, number, client, rest in CASES:
        text = b"" if client is None else client.encode()
        body = struct.pack(">hhih", key, version, number, -1 if client is None else len(text)) + text + rest
        frame = struct.pack(">i", len(body)) + body
        right = dict(zip(FIELDS, (len(body), key, version, number, client), strict=True))
        found = mapping(answer(frame), f"a dict with {', '.join(FIELDS)}")
        if found == right:
            continue
        hint = CLIENT_ID
        if found.get("api_key") != key:
            hint = SIZE_FIRST if found.get("api_key") == len(body) >> 16 else BIG_ENDIAN
        shown = " ".join(f"{byte:02x}" for byte in frame[:24])
        raise Wrong(hint, right, f"{found!r:.120}", f"a frame that begins {shown}")


q3 = Question("01.q3", examine_header, header, "five requests of five kinds, and you have read what each of them is.")
