"""A newer version's messages: what it may add is passed over, what is malformed stays poison."""

import json

import msgspec
import pytest

from ecomkafka.contracts.codec import UndecodableError, UnknownTypeError, unknown_type
from ecomkafka.domain.mail_text import NO_WORDS, mail_for
from ecomkafka.domain.order_view import evolve
from ecomkafka.domain.saga import Saga
from ecomkafka.domain.sales import sales
from ecomkafka.domain.stock import Entry, Product
from ecomkafka.domain.windows.window import Shelf
from ecomkafka.engine.corrected_message import corrected
from ecomkafka.flow import CODECS, HOPS, ROUTES
from ecomkafka.messages import MESSAGES, Item, Kind, OrderCancelled, OrderCreated, Reason, SendNotification, encode

AT = "2026-01-02T03:04:05Z"
LINE = {"product_id": "LAPTOP-001", "quantity": 2, "price": "999.99"}
CREATED = {
    "type": "ORDER_CREATED", "at": AT, "order_id": "O-1", "customer_id": "ann", "total": "1999.98", "lines": [LINE],
    "warehouses": ["WH-BERLIN"], "deadline": AT,
}  # fmt: skip
CANCELLED = {"type": "ORDER_CANCELLED", "at": AT, "order_id": "O-1", "total": "1", "reason": "FLOOD"}
TELL = {
    "type": "SEND_NOTIFICATION", "at": AT, "notification_id": "N-1", "order_id": "O-1", "customer_id": "ann",
    "kind": "ORDER_CANCELLED", "total": "1", "reason": "FLOOD",
}  # fmt: skip


def decode(document):
    return CODECS["orders.events"].decode(json.dumps(document).encode())


@pytest.mark.parametrize("added", ["red", 7, None, {"a": [1, {"b": "c"}]}, ["x"] * 100])
def test_a_field_that_is_not_known_is_passed_over(added):
    assert decode(CREATED | {"colour": added, "lines": [LINE | {"colour": added}]}) == decode(CREATED)


def test_a_list_with_more_at_its_end_is_passed_over_too():
    assert msgspec.json.decode(b'["P", 2, "blue"]', type=Item) == Item("P", 2)
    assert msgspec.json.decode(b"[1, 2, 3, 4]", type=Shelf) == Shelf(version=1, on_hand=2, reserved=3)


def test_what_is_known_is_checked_as_ever():
    with pytest.raises(UndecodableError, match=r"\$\.order_id"):
        decode(CREATED | {"colour": "red", "order_id": ""})


@pytest.mark.parametrize("topic", CODECS)
def test_a_type_of_a_newer_version_is_told_from_poison(topic):
    value = json.dumps({"type": "ORDER_EATEN", "at": AT, "by": ["whom"]}).encode()
    with pytest.raises(UnknownTypeError, match="the type ORDER_EATEN is of a newer version"):
        CODECS[topic].decode(value)


@pytest.mark.parametrize(
    "change",
    [{"type": "order_eaten"}, {"type": 7}, {"type": "X" * 101}, {"type": ""}, {"at": None}, {"at": "2026-01-02"}],
)
def test_what_no_version_can_have_written_is_poison(change):
    value = json.dumps({"type": "ORDER_EATEN", "at": AT} | change).encode()
    assert unknown_type(value) is None
    with pytest.raises(UndecodableError) as refused:
        CODECS["orders.events"].decode(value)
    assert not isinstance(refused.value, UnknownTypeError)


def test_a_known_type_on_the_wrong_topic_is_poison():
    for message in MESSAGES:
        kind = message.__struct_config__.tag
        assert unknown_type(json.dumps({"type": kind, "at": AT}).encode()) is None


def test_commands_and_replies_must_be_handled_events_may_be_skipped():
    for hop in HOPS.values():
        assert set(hop.may_skip) == {topic for topic in hop.reads if topic.endswith(".events")}, hop.service


def test_a_reason_of_a_newer_version_keeps_its_name():
    event = decode(CANCELLED)
    assert (event.reason, event.reason.is_known, Reason.TIMEOUT.is_known) == ("FLOOD", False, True)
    assert json.loads(encode(event)) == CANCELLED
    assert event == decode(CANCELLED)
    assert list(Reason) == [member for member in Reason if member.is_known]


def test_a_reason_of_a_newer_version_is_counted_shown_and_told():
    created, cancelled = decode(CREATED), decode(CANCELLED)
    assert isinstance(created, OrderCreated)
    assert isinstance(cancelled, OrderCancelled)
    assert sales([created, cancelled]).cancelled == {"FLOOD": 1}
    assert evolve(evolve(None, created), cancelled).reason == "FLOOD"
    mail = mail_for(CODECS["notifications.requests"].decode(json.dumps(TELL).encode()))
    assert NO_WORDS in mail.body


def test_a_kind_of_notification_of_a_newer_version_is_not_guessed():
    request = CODECS["notifications.requests"].decode(json.dumps(TELL | {"kind": "ORDER_DELAYED"}).encode())
    assert isinstance(request, SendNotification)
    assert request.kind not in list(Kind)
    with pytest.raises(ValueError, match="ORDER_DELAYED is a kind of notification of a newer version"):
        mail_for(request)


def test_a_correction_keeps_the_fields_of_a_newer_version():
    value = json.dumps(TELL | {"language": "fr", "customer_id": "an"}).encode()
    message, corrected_value, _ = corrected(value, CODECS["notifications.dlq"], {"customer_id": "ann"})
    assert message.customer_id == "ann"
    assert json.loads(corrected_value) == TELL | {"language": "fr"}
    message, corrected_value, _ = corrected(value, CODECS["notifications.dlq"], {"language": "en"})
    assert json.loads(corrected_value)["language"] == "en"


@pytest.mark.parametrize(
    "written", [{"fields": {"colour": "red"}}, {"fields": {}, "whole": TELL | {"reason": "TIMEOUT", "colour": "red"}}]
)
def test_who_corrects_may_not_invent_a_field(written):
    whole = json.dumps(written["whole"]) if "whole" in written else None
    with pytest.raises(ValueError, match="unknown field `colour`: SEND_NOTIFICATION has type, notification_id"):
        corrected(json.dumps(TELL).encode(), CODECS["notifications.dlq"], written["fields"], whole)


def test_what_a_version_writes_is_what_it_knows():
    """Writers are strict: no field leaves that the schema has not."""
    for message in MESSAGES:
        assert set(message.__struct_encode_fields__) == set(message.__struct_fields__), message
        assert message in ROUTES


def test_state_of_a_newer_version_is_read():
    saga = msgspec.json.decode(b'{"rolled_back": true, "insured": {"by": "x"}}', type=Saga)
    assert saga == Saga(rolled_back=True)
    product = Product(on_hand=3)
    newer = json.loads(encode(product)) | {"shelf": 7}
    assert msgspec.json.decode(json.dumps(newer), type=Entry) == product
