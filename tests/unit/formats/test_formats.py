"""Avro and Protobuf beside JSON: what goes in comes out, whatever the message, and versions read each other."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from ecomkafka.contracts.codec import UndecodableError, UnknownTypeError
from ecomkafka.formats.avro import avro_schema
from ecomkafka.formats.choice import FORMATS
from ecomkafka.formats.message_format import MessageFormat
from ecomkafka.formats.proto_text import first_message
from ecomkafka.formats.protobuf import numbered, records_of
from ecomkafka.formats.shapes import shape_of
from ecomkafka.messages import MESSAGES, Message, NotificationFailed, OrderCancelled, OrderConfirmed, Reason
from tests.released_messages import released_messages
from tests.unit.test_messages import any_of

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
CONFIRMED = OrderConfirmed(at=NOW, order_id="o-1", total=Decimal("12.5"))
every_format = pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
every_kind = pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)


def has_a_year_everywhere(message: Message) -> bool:
    """The instant of year 1 or 9999 may have no date in another zone."""
    return all(2 <= at.year <= 9998 for at in (message.at, getattr(message, "deadline", message.at)))


@every_format
@every_kind
@given(data=st.data())
@settings(max_examples=20)
def test_a_message_comes_out_as_it_went_in(form: MessageFormat, kind: type[Message], data: Any) -> None:
    message = data.draw(any_of(kind).filter(has_a_year_everywhere))
    assert form.decode(form.encode(message), form.schema(kind)) == message


@every_kind
def test_each_schema_is_valid_in_its_own_language(kind: type[Message]) -> None:
    fastavro.parse_schema(json.loads(FORMATS["AVRO"].schema(kind)))
    Draft7Validator.check_schema(json.loads(FORMATS["JSON"].schema(kind)))
    assert first_message(FORMATS["PROTOBUF"].schema(kind)) == kind.__name__


@every_kind
@given(data=st.data())
@settings(max_examples=20)
def test_the_json_schema_describes_what_is_written(kind: type[Message], data: Any) -> None:
    message = data.draw(any_of(kind))
    Draft7Validator(json.loads(FORMATS["JSON"].schema(kind))).validate(json.loads(FORMATS["JSON"].encode(message)))


@every_format
def test_bytes_that_are_no_message_are_refused(form: MessageFormat) -> None:
    with pytest.raises(UndecodableError):
        form.decode(b"\xff\xff\xff", form.schema(OrderConfirmed))


@every_format
def test_our_own_rules_hold_in_every_format(form: MessageFormat) -> None:
    empty_id = OrderConfirmed(at=NOW, order_id="", total=Decimal(1))
    with pytest.raises(UndecodableError, match="length >= 1"):
        form.decode(form.encode(empty_id), form.schema(OrderConfirmed))


@every_format
def test_a_member_that_only_a_newer_version_knows_keeps_its_name(form: MessageFormat) -> None:
    message = OrderCancelled(at=NOW, order_id="o-1", total=Decimal(1), reason=Reason("STRIKE"))
    assert form.decode(form.encode(message), form.schema(OrderCancelled)) == message


@every_format
def test_a_message_that_only_a_newer_version_knows_is_told_as_such(form: MessageFormat) -> None:
    newer = form.schema(OrderConfirmed).replace("OrderConfirmed", "OrderSplit")
    with pytest.raises(UnknownTypeError, match="OrderSplit"):
        form.decode(form.encode(CONFIRMED), newer)


# --- The last release


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> dict[str, type[msgspec.Struct]]:
    module = released_messages(tmp_path_factory.getbasetemp())
    return {kind.__name__: kind for kind in module.MESSAGES}


def test_a_number_of_protobuf_is_for_ever(released: dict[str, type[msgspec.Struct]]) -> None:
    """A field of the last release has the number that it had there; if this fails, name the new field in ADDED."""
    for name, kind in released.items():
        (today,) = (shape_of(each) for each in MESSAGES if each.__name__ == name)
        ours = {record.name: {f.name: number for number, f in numbered(record)} for record in records_of(today)}
        for record in records_of(shape_of(kind)):
            for number, field in enumerate(record.fields, 1):
                assert ours[record.name][field.name] == number, f"{record.name}.{field.name}"


def test_avro_of_the_last_release_is_read_with_its_defaults(
    released: dict[str, type[msgspec.Struct]], tmp_path: Path
) -> None:
    written = avro_schema(shape_of(released["OrderCreated"]))
    line = {"product_id": "A", "quantity": 2, "price": Decimal("6.25")}
    fields = {
        "at": NOW, "order_id": "o-1", "total": Decimal("12.5"), "customer_id": "ann", "lines": [line],
        "warehouses": ["w"], "deadline": NOW,
    }  # fmt: skip
    with (tmp_path / "bytes").open("wb+") as file:
        fastavro.schemaless_writer(file, fastavro.parse_schema(written), fields)
        file.seek(0)
        order: Any = FORMATS["AVRO"].decode(file.read(), json.dumps(written))
    assert order.currency == "EUR"
    assert order.lines[0].discount == 0


def test_avro_cannot_upcast_what_has_no_default(released: dict[str, type[msgspec.Struct]], tmp_path: Path) -> None:
    """NOTIFICATION_FAILED had no `reason`: JSON's reader upcasts it, Avro's names the field that it misses."""
    written = avro_schema(shape_of(released["NotificationFailed"]))
    fields = {"at": NOW, "notification_id": "n", "order_id": "o", "attempts": 3, "error": "full"}
    with (tmp_path / "bytes").open("wb+") as file:
        fastavro.schemaless_writer(file, fastavro.parse_schema(written), fields)
        file.seek(0)
        value = file.read()
    with pytest.raises(UndecodableError, match=f"no {NotificationFailed.__name__} in Avro: .*reason"):
        FORMATS["AVRO"].decode(value, json.dumps(written))
