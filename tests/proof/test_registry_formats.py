"""Messages by way of a real registry, in each format; and what it calls compatible, beside our own check."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from ecomkafka.contracts.codec import UndecodableError
from ecomkafka.contracts.compatibility import breaks
from ecomkafka.contracts.releases import load
from ecomkafka.contracts.schema import by_type, schemas
from ecomkafka.formats.avro import avro_schema
from ecomkafka.formats.choice import FORMATS
from ecomkafka.formats.plain_json import DRAFT_7, draft_7
from ecomkafka.formats.proto_text import proto_text
from ecomkafka.formats.protobuf import descriptor
from ecomkafka.formats.shapes import shape_of
from ecomkafka.messages import MESSAGES, Line, OrderCancelled, OrderConfirmed, OrderCreated, Reason
from ecomkafka.registry.client import IncompatibleError, Registry, RegistryError, Written
from ecomkafka.registry.serializer import Serializer, schema_id
from ecomkafka.registry.server import RegistryServer, private_registry
from tests.released_messages import SCHEMAS, released_messages
from tests.unit.contracts.test_compatibility import CASES

AT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
ORDER = OrderCreated(
    at=AT,
    order_id="o-1",
    total=Decimal("12.50"),
    customer_id="ann",
    lines=(Line(product_id="A", quantity=2, price=Decimal("6.25")),),
    warehouses=("main",),
    deadline=AT,
)
CONFIRMED = OrderConfirmed(at=AT, order_id="o-1", total=Decimal("12.50"))
CANCELLED = OrderCancelled(at=AT, order_id="o-1", total=Decimal("12.50"), reason=Reason.TIMEOUT)
every_format = pytest.mark.parametrize("name", FORMATS)
numbers = count()


@pytest.fixture(scope="module")
def server() -> Iterator[RegistryServer]:
    with private_registry() as running:
        yield running


@pytest.fixture
def registry(server: RegistryServer) -> Iterator[Registry]:
    """Subjects are free again after each test: the level NONE takes any schema."""
    registry = Registry(server.url)
    yield registry
    for subject in registry.subjects():
        registry.set_level("NONE", subject)


# --- Written and read by id


@every_format
def test_every_message_s_schema_is_registered_on_writing_and_read_by_its_id(name: str, registry: Registry) -> None:
    writer = Serializer(registry, FORMATS[name])
    reader = Serializer(Registry(registry.url), FORMATS[name])
    values = [writer.encode(ORDER), writer.encode(CONFIRMED), writer.encode(ORDER)]
    assert [reader.decode(value) for value in values] == [ORDER, CONFIRMED, ORDER]
    assert schema_id(values[0]) == schema_id(values[2]) != schema_id(values[1])
    assert Registry(registry.url).schema(schema_id(values[0])).kind == name


@every_format
def test_every_schema_of_ours_is_one_that_a_registry_takes(name: str, registry: Registry) -> None:
    for kind in MESSAGES:
        number = registry.register(f"{name}.{kind.__name__}", Written(name, FORMATS[name].schema(kind)))
        assert kind.__name__ in Registry(registry.url).schema(number).text


def test_while_it_is_away_known_ids_go_on_and_a_new_one_gives_a_sentence(server: RegistryServer) -> None:
    known, fresh = (Serializer(Registry(server.url), FORMATS["AVRO"]) for _ in range(2))
    value = known.encode(ORDER)
    assert known.decode(value) == ORDER
    assert server.stop()
    try:
        assert known.decode(known.encode(ORDER)) == ORDER
        with pytest.raises(RegistryError, match=rf"does not answer .*GET /schemas/ids/{schema_id(value)} is not known"):
            fresh.decode(value)
        with pytest.raises(RegistryError, match=r"does not answer .*POST /subjects/OrderConfirmed.avro/versions"):
            known.encode(CONFIRMED)
    finally:
        server.start()
    assert fresh.decode(value) == ORDER


def test_a_reader_of_another_format_says_so(registry: Registry) -> None:
    value = Serializer(registry, FORMATS["AVRO"]).encode(CONFIRMED)
    with pytest.raises(UndecodableError, match="is AVRO, and this reader takes JSON"):
        Serializer(registry, FORMATS["JSON"]).decode(value)


def test_nothing_is_written_with_a_schema_that_is_refused(registry: Registry) -> None:
    subject = "OrderCancelled.avro"
    older = json.loads(FORMATS["AVRO"].schema(OrderCancelled))
    older["fields"] = [field for field in older["fields"] if field["name"] != "total"]
    registry.register(subject, Written("AVRO", json.dumps(older)))
    registry.set_level("BACKWARD", subject)
    with pytest.raises(IncompatibleError, match=r"for 'OrderCancelled.avro': .*total"):
        Serializer(Registry(registry.url), FORMATS["AVRO"]).encode(CANCELLED)


# --- What it calls compatible


STRICTER = {"a list becomes a text", "at least 1 as at more than 0", "may be null", "may be null no more"}
"""What it refuses in a direction in which no reader breaks; it never takes what we refuse."""


def takes(registry: Registry, reader: Any, writer: Any) -> bool:
    """Whether the tolerant reader takes all that the strict writer sends: BACKWARD, the writer being the older one."""
    subject = f"pair-{next(numbers)}"
    registry.register(subject, Written("JSON", json.dumps({"$schema": DRAFT_7} | draft_7(writer, is_writer=True))))
    registry.set_level("BACKWARD", subject)
    return registry.is_compatible(
        subject, Written("JSON", json.dumps({"$schema": DRAFT_7} | draft_7(reader, is_writer=False)))
    )


def test_its_answers_for_json_are_ours_but_for_four_changes_that_it_refuses_too_often(registry: Registry) -> None:
    others = set()
    for name, (before, after, backward, forward) in CASES.items():
        for reader, writer, ours in ((after, before, backward), (before, after, forward)):
            theirs = takes(registry, reader, writer)
            assert ours or not theirs, f"{name}: it takes what breaks readers"
            if theirs != ours:
                others.add(name)
    assert others == STRICTER


def versions() -> dict[str, dict[str, Any]]:
    return {release.name: release.schemas for release in load(SCHEMAS)} | {"today": by_type(schemas())}


def test_its_answers_for_json_are_ours_on_every_pair_of_versions(registry: Registry) -> None:
    every = versions()
    asked = 0
    for writer in every.values():
        for reader in every.values():
            for kind in writer.keys() & reader.keys():
                ours = not list(breaks(writer[kind], reader[kind]))
                assert takes(registry, reader[kind], writer[kind]) == ours, kind
                asked += 1
    assert asked >= len(every) ** 2 * len(next(iter(every.values())))


@every_format
def test_it_refuses_of_the_last_release_what_only_an_upcast_reads(
    name: str, registry: Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """BACKWARD, v1 to today: a registry knows no upcasts. In Protobuf nothing is required, so it sees nothing."""
    refused = []
    for kind in released_messages(tmp_path_factory.getbasetemp()).MESSAGES:
        today = next(each for each in MESSAGES if each.__name__ == kind.__name__)
        subject = f"{name}-{kind.__name__}-{next(numbers)}"
        registry.register(subject, Written(name, released_schema(name, kind)))
        registry.set_level("BACKWARD", subject)
        if not registry.is_compatible(subject, Written(name, FORMATS[name].schema(today))):
            refused.append(kind.__name__)
    assert refused == ([] if name == "PROTOBUF" else ["NotificationFailed"])


def released_schema(name: str, kind: Any) -> str:
    if name == "AVRO":
        return json.dumps(avro_schema(shape_of(kind)))
    if name == "PROTOBUF":
        return proto_text(descriptor(shape_of(kind), added={}))
    of_release = load(SCHEMAS)[-1].schemas[kind.__struct_config__.tag]
    return json.dumps({"$schema": DRAFT_7} | draft_7(of_release, is_writer=True))
