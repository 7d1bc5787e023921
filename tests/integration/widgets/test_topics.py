"""The topics browser without a browser: choose, click, then see the tables; all of it is asked of a real Kafka."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ipywidgets import HTML

from ecomkafka.broker import Broker
from ecomkafka.clients.reader import partitions_of, read
from ecomkafka.shop import Shop
from ecomkafka.topics import TOPICS
from ecomkafka.widgets.data import topic_records
from ecomkafka.widgets.data.topic_records import Wanted, look
from ecomkafka.widgets.panels.topics_browser import ALL, TopicsBrowser
from tests.waiting import eventually


@pytest.fixture(scope="module")
def shop(broker: Broker) -> Iterator[Shop]:
    """A shop that has sold something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        with Shop() as running:
            for number in range(1, 7):
                running.wait(running.order(f"customer-{number}", {"MOUSE-001": 1}, order_id=f"O-{number}"))
            running.settle()
            yield running


@pytest.fixture
def panel(shop: Shop) -> Iterator[TopicsBrowser]:
    panel = TopicsBrowser(shop)
    yield panel
    panel.close()


def rows(table: HTML) -> list[list[str]]:
    """Cells, without the head."""
    found = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.value.split("<tr>")]
    return [cells for cells in found if cells]


def ask(
    panel: TopicsBrowser, topic: str, partition: int = ALL, offset: str = "", key: str = "", count: int = 10
) -> None:
    panel.topic.value = topic
    panel.partition.value, panel.offset.value, panel.key.value, panel.count.value = (
        partition,
        offset,
        key,
        count,
    )
    panel.show.click()


def answer(panel: TopicsBrowser, topic: str, **wanted: object) -> list[list[str]]:
    ask(panel, topic, **wanted)  # type: ignore[arg-type]
    eventually(lambda: topic in panel.status.value and "Reading" not in panel.status.value, "the answer")
    return rows(panel.records)


def complaint(panel: TopicsBrowser, topic: str, **wanted: object) -> str:
    ask(panel, topic, **wanted)  # type: ignore[arg-type]
    return str(eventually(lambda: panel.error.value, "a sentence beside the fields"))


@contextmanager
def inventory_away(shop: Shop) -> Iterator[None]:
    shop.inventory_service.stop()
    try:
        yield
    finally:
        shop.inventory_service.start()


def test_topics_partitions_offsets_and_groups_are_those_of_kafka(shop: Shop, panel: TopicsBrowser) -> None:
    eventually(lambda: len(rows(panel.topics)) == len(TOPICS), "all topics")
    panel.topic.value = "orders.events"
    partitions = rows(panel.partitions)
    with shop.cluster.consumer() as consumer:
        ends = consumer.end_offsets(partitions_of(consumer, shop.cluster, "orders.events"))
    assert {int(number): int(end) for number, _, end, *_ in partitions} == {p.partition: end for p, end in ends.items()}
    assert {"order-service", "analytics-service"} == {group for group, *_ in rows(panel.groups)}
    assert {state for _, state, *_ in rows(panel.groups)} == {"Stable"}
    panel.topic.value = "quarantine"
    assert [number for number, *_ in rows(panel.partitions)] == ["0"]
    assert "No group" in panel.groups.value


def test_a_lag_is_seen_while_a_service_is_away(shop: Shop, panel: TopicsBrowser) -> None:
    panel.topic.value = "inventory.requests"
    with inventory_away(shop):
        order_id = shop.order("ann", {"MOUSE-001": 1})
        eventually(lambda: sum(int(row[6]) for row in rows(panel.groups)) > 0, "a lag")
    shop.wait(order_id)
    eventually(lambda: {row[6] for row in rows(panel.groups)} == {"0"}, "no lag any more")


def test_the_newest_records_are_shown_and_the_chosen_one_whole(shop: Shop, panel: TopicsBrowser) -> None:
    shop.wait(shop.order("bob", {"MOUSE-001": 1}, order_id="B-1"))
    shop.settle()
    found = answer(panel, "orders.events", count=3)
    there = sorted(read(shop.cluster, "orders.events"), key=lambda record: record.timestamp)
    assert [(int(row[0]), int(row[1])) for row in found] == [(r.partition, r.offset) for r in reversed(there[-3:])]
    assert found[0][3:5] == ["B-1", "ORDER_CONFIRMED"]
    assert "B-1" in panel.details.value
    created = next(number for label, number in panel.record.options if "ORDER_CREATED" in label)
    panel.record.value = created
    assert "&quot;customer_id&quot;: &quot;bob&quot;" in panel.details.value
    assert "header correlation" in panel.details.value


def test_records_from_an_offset_on_come_as_they_lie_in_the_log(shop: Shop, panel: TopicsBrowser) -> None:
    there = [record for record in read(shop.cluster, "inventory.requests") if record.partition == 0]
    if not there:
        there = [record for record in read(shop.cluster, "inventory.requests") if record.partition == 1]
    first = there[1]
    found = answer(panel, "inventory.requests", partition=first.partition, offset=str(first.offset), count=2)
    assert [int(row[1]) for row in found] == [record.offset for record in there[1:3]]


def test_a_key_finds_its_records_and_no_others(shop: Shop, panel: TopicsBrowser) -> None:
    found = answer(panel, "orders.events", key="O-3")
    assert [(key, kind) for _, _, _, key, kind, *_ in found] == [("O-3", "ORDER_CONFIRMED"), ("O-3", "ORDER_CREATED")]


def test_what_cannot_be_shown_is_told_beside_the_fields(panel: TopicsBrowser) -> None:
    assert "no record of orders.events has it" in complaint(panel, "orders.events", key="<nobody>")
    assert "<nobody>" not in panel.error.value
    assert "orders.events:0 has offsets 0 to" in complaint(panel, "orders.events", partition=0, offset="99999")
    assert "quarantine:0 is empty" in complaint(panel, "quarantine", partition=0, offset="0")
    assert "a whole number" in complaint(panel, "orders.events", offset="-1")
    assert "choose a partition" in complaint(panel, "orders.events", offset="3")
    assert not panel.records.value


def test_what_was_aborted_is_not_shown_and_bytes_that_are_no_text_are(shop: Shop, panel: TopicsBrowser) -> None:
    name = shop.cluster.name("quarantine")
    with shop.cluster.producer("a-browser-test") as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(name, b'{"type": "ABORTED"}', key=b"aborted")
        producer.flush(10)
        producer.abort_transaction()
        producer.begin_transaction()
        producer.send(name, b"\xff\x00<b>", key=b"\xfe", headers=[("error", b"\xfd")])
        producer.commit_transaction()
    (only,) = answer(panel, "quarantine")
    assert only[3:5] == ["b&#x27;\\xfe&#x27;", "(unknown)"]
    assert "b&#x27;\\xff\\x00&lt;b&gt;&#x27;" in panel.details.value
    assert "header error" in panel.details.value
    assert "read_committed" in str(panel._repr_mimebundle_()["text/html"])
    assert "no record of quarantine has it" in complaint(panel, "quarantine", key="aborted")


def test_another_topic_clears_what_was_of_the_last_one(panel: TopicsBrowser) -> None:
    assert answer(panel, "orders.events", key="O-1")
    panel.topic.value = "inventory.stock"
    assert not panel.records.value
    assert not panel.details.value
    assert not panel.key.value
    assert panel.record.options == ()
    assert answer(panel, "inventory.stock")[0][4] != "(unknown)"


def test_a_search_ends_when_its_time_is_up_and_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_records, "SECONDS", 0.0)
    assert not look(shop.cluster, Wanted("orders.events")).in_time
    with pytest.raises(ValueError, match="that was read in"):
        look(shop.cluster, Wanted("orders.events", key="O-1"))


def test_every_control_has_a_name_and_says_what_it_does(panel: TopicsBrowser) -> None:
    fields = panel.topic, panel.partition, panel.offset, panel.key, panel.count, panel.show, panel.record
    for control in fields:
        assert control.description
        assert control.tooltip


def test_a_closed_browser_leaves_no_thread_and_takes_no_click(shop: Shop) -> None:
    before = set(threading.enumerate())
    panel = TopicsBrowser(shop)
    panel.close()
    assert panel.show.disabled
    left = set(threading.enumerate()) - before
    assert not [thread.name for thread in left if thread.name in ("panel-Topics", "topics-snapshots")]
