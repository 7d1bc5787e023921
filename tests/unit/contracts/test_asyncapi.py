"""docs/asyncapi.json: a valid AsyncAPI 3 document that says what the code says."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import ValidationError
from pydantic_asyncapi.v3 import AsyncAPI

from ecomkafka.flow import CODECS, HOPS
from ecomkafka.messages import MESSAGES
from ecomkafka.topics import TOPICS
from tools.export_asyncapi import DOCUMENT, document, messages_of

Document = dict[str, Any]


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from refs(value)


def target(whole: Document, ref: str) -> Any:
    found: Any = whole
    for step in ref.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_the_document_is_that_of_the_code() -> None:
    """If this fails: python tools/export_asyncapi.py."""
    assert json.loads(DOCUMENT.read_text(encoding="utf-8")) == document()


def test_it_is_valid() -> None:
    AsyncAPI.model_validate(document())
    for name, schema in document()["components"]["schemas"].items():
        Draft7Validator.check_schema(schema)
        assert schema["title"] == name


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: found.update(asyncapi="4.0.0"),
        lambda found: found["info"].pop("version"),
        lambda found: found["channels"]["orders.events"].update(address=7),
        lambda found: found["operations"]["order.sends.orders.events"].update(action="throw"),
        lambda found: found["operations"]["order.sends.orders.events"].pop("channel"),
    ],
)
def test_what_is_not_valid_is_refused(spoil: Callable[[Document], object]) -> None:
    found = document()
    spoil(found)
    with pytest.raises(ValidationError):
        AsyncAPI.model_validate(found)


def test_every_reference_leads_somewhere() -> None:
    found = document()
    for ref in refs(found):
        assert target(found, ref), ref


def test_every_topic_message_and_hop_is_there() -> None:
    found = document()
    assert found["channels"].keys() == TOPICS.keys()
    assert found["components"]["messages"].keys() == {message.__struct_config__.tag for message in MESSAGES}
    for topic in TOPICS:
        assert bool(messages_of(topic)) == (topic in CODECS)
    for hop in HOPS.values():
        for topic in hop.reads:
            operation = found["operations"][f"{hop.service}.receives.{topic}"]
            assert operation["x-unknown-type"] == ("skip" if topic in hop.may_skip else "quarantine")
        for topic in hop.writes:
            assert found["operations"][f"{hop.service}.sends.{topic}"]["action"] == "send"
