"""A newer version writes into the shop's topics and changelogs: this one goes on, and loses nothing of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Record
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.faults.bad_records import put, unknown
from ecomkafka.flow import DEAD_LETTERS, HOPS, QUARANTINE, RETRY_TOPICS
from ecomkafka.invariants.check import check, unchecked
from ecomkafka.messages import SendNotification
from ecomkafka.services import dead_letters, quarantine
from ecomkafka.services.notification import NotificationService
from ecomkafka.shop import Shop
from tests.waiting import eventually

EVENTS = HOPS["analytics"].may_skip
COMMANDS = ("inventory.requests", "inventory.responses", "notifications.requests", *RETRY_TOPICS)


@pytest.fixture
def shop(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Shop(retry_delays=(0.1, 0.2)) as running:
        yield running


def newer(record: Record, **fields: Any) -> bytes:
    """What a newer version would have written instead."""
    return json.dumps(json.loads(record.value or b"{}") | {"colour": "red", "more": {"a": [1]}} | fields).encode()


def write(cluster: Cluster, records: list[tuple[str, bytes, bytes, int]]) -> None:
    """Topic, key, value and partition of each, in one transaction: as a service writes."""
    with TransactionalProducer(cluster, "newer-version") as producer:
        producer.take_over()
        producer.begin()
        producer.send_all((cluster.name(topic), key, value, [], partition) for topic, key, value, partition in records)
        producer.commit({}, None)


def test_the_shop_works_on_beside_a_newer_version_and_says_what_it_skips(shop: Shop) -> None:
    """New fields in every topic and every state, new types everywhere, then a restart from the changelogs."""
    orders = [shop.order("ann", {"LAPTOP-001": 1, "MOUSE-001": 1}), shop.order("bob", {"LAPTOP-001": 1_000})]
    assert [shop.wait(order_id) for order_id in orders] == ["CONFIRMED", "CANCELLED"]
    shop.settle()
    workers = [shop.inventory_service, shop.order_service, shop.analytics_service]
    for worker in workers:
        worker.stop()
    states = [name for hop in HOPS.values() if (name := hop.changelog)]
    last = {(r.topic, r.partition, r.key): r for r in read(shop.cluster, *states) if r.value is not None}
    write(shop.cluster, [(r.topic, r.key or b"", newer(r), r.partition) for r in last.values()])
    for worker in workers:
        worker.start()

    for topic in (*EVENTS, *COMMANDS):
        put(shop.cluster, topic, unknown(), partition=1)
    said = [record for record in read(shop.cluster, "inventory.requests", "notifications.requests") if record.message]
    write(shop.cluster, [(r.topic, r.key or b"", newer(r), r.partition) for r in said])
    assert shop.wait(shop.order("eve", {"LAPTOP-001": 1})) == "CONFIRMED"
    shop.settle()

    facts = shop.facts()
    assert {name: found for name, found in check(facts).items() if found} == {}
    assert shop.analytics_service.skipped == {f"{topic} ORDER_EATEN": 1 for topic in EVENTS}
    assert shop.order_service.skipped == {"orders.events ORDER_EATEN": 1}
    assert shop.read_model.skipped == 1
    entries = quarantine.quarantined(shop.cluster)
    assert {(entry.origin.split(":")[0], entry.classification) for entry in entries} == {
        (topic, quarantine.NEWER) for topic in COMMANDS
    }
    assert quarantine.replay(shop.cluster) == 0
    with pytest.raises(ValueError, match="only a newer version knows: replay it when that runs here"):
        quarantine.replay(shop.cluster, [entries[0].position])
    note = unchecked(facts)["nothing_is_left_over"]
    assert "1 × ORDER_EATEN on orders.events: skipped by order, analytics" in note
    assert "inventory.requests: in quarantine until a version runs that knows it, by inventory" in note
    told = shop.invariants().loc["nothing_is_left_over"]
    assert bool(told["holds"])
    assert told["first"] == note


def test_a_field_of_a_newer_version_is_kept_by_retry_dead_letter_edit_and_replay(broker: Broker, shop: Shop) -> None:
    assert isinstance(shop.notification_service, NotificationService)
    shop.notification_service.failure_rate = 1.0
    shop.wait(shop.order("ann", {"MOUSE-001": 1}))
    shop.settle()
    (letter,) = read(shop.cluster, DEAD_LETTERS)
    value = newer(letter, notification_id="N-2", reason="FLOOD", language="fr")
    write(shop.cluster, [("notifications.requests", letter.key or b"", value, 0)])
    shop.settle()
    forwarded = [r for r in read(shop.cluster, *RETRY_TOPICS, DEAD_LETTERS) if r.message.notification_id == "N-2"]
    assert [r.topic for r in forwarded] == [*RETRY_TOPICS, DEAD_LETTERS]
    assert {record.value for record in forwarded} == {value}

    dead_letters.edit(shop.cluster, forwarded[-1].position, {"customer_id": "zoe"})
    shop.notification_service.failure_rate = 0.0
    assert dead_letters.replay(shop.cluster) == 2
    eventually(lambda: len(shop.mailbox()) == 2, "both mails")
    again = read(shop.cluster, "notifications.requests")[-1]
    assert isinstance(again.message, SendNotification)
    sent = [r for r in read(shop.cluster, "notifications.requests") if r.message.notification_id == "N-2"]
    assert json.loads(sent[-1].value or b"") == json.loads(value) | {"customer_id": "zoe"}


def test_a_kind_of_notification_of_a_newer_version_waits_as_a_dead_letter(shop: Shop) -> None:
    shop.wait(shop.order("ann", {"MOUSE-001": 1}))
    shop.settle()
    (request,) = read(shop.cluster, "notifications.requests")
    value = newer(request, notification_id="N-3", kind="ORDER_DELAYED")
    write(shop.cluster, [("notifications.requests", request.key or b"", value, 0)])
    (letter,) = eventually(lambda: dead_letters.dead_letters(shop.cluster), "the dead letter")
    assert letter.classification == dead_letters.PERMANENT
    assert "ORDER_DELAYED is a kind of notification of a newer version" in letter.reason
    assert read(shop.cluster, QUARANTINE) == []
    assert len(shop.mailbox()) == 1
