"""Write docs/asyncapi.json anew, the shop's topics as an AsyncAPI 3 document: run it after a change of a message, of a
topic or of the flow.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ecomkafka.clients.groups import group_of
from ecomkafka.contracts.schema import schemas
from ecomkafka.flow import DEAD_LETTERS, HOPS, QUARANTINE, RETRY_TOPICS, ROUTES, Hop
from ecomkafka.messages import MESSAGES, Message
from ecomkafka.topics import TOPICS, Topic

DOCUMENT = Path(__file__).parents[1] / "docs" / "asyncapi.json"
REQUESTS = "notifications.requests"

STATES = {hop.changelog: hop.service for hop in HOPS.values() if hop.changelog}


def document() -> dict[str, Any]:
    """The document: a channel per topic, an operation per service and topic, a schema per message."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "ecomkafka",
            "version": version("ecomkafka"),
            "description": "The topics of a small shop: who writes what, who reads it, and what each message is. "
            "Written by tools/export_asyncapi.py from flow.py, topics.py and messages/.",
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": "127.0.0.1:9092", "protocol": "kafka"}},
        "channels": {name: _channel(topic) for name, topic in TOPICS.items()},
        "operations": dict(operation for hop in HOPS.values() for operation in _operations(hop)),
        "components": {
            "schemas": {name: _draft_07(schema) for name, schema in schemas()["$defs"].items()},
            "messages": {_type(message): _message(message) for message in MESSAGES},
        },
    }


def messages_of(topic: str) -> list[str]:
    """The types of a topic; retries and dead letters are requests."""
    home = REQUESTS if topic in (*RETRY_TOPICS, DEAD_LETTERS) else topic
    return [_type(message) for message, route in ROUTES.items() if route.topic == home]


def _type(message: type[Message]) -> str:
    return str(message.__struct_config__.tag)


def _channel(topic: Topic) -> dict[str, Any]:
    configuration: dict[str, Any] = {"cleanup.policy": [topic.config["cleanup.policy"]]}
    configuration |= {"max.message.bytes": int(topic.config["max.message.bytes"])}
    if "retention.ms" in topic.config:
        configuration |= {"retention.ms": int(topic.config["retention.ms"])}
    kafka = {"topic": topic.name, "partitions": topic.partitions, "topicConfiguration": configuration}
    return {
        "address": topic.name,
        "description": _purpose(topic.name),
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in messages_of(topic.name)},
        "bindings": {"kafka": kafka | {"bindingVersion": "0.5.0"}},
    }


def _purpose(topic: str) -> str:
    if topic in STATES:
        return f"The state of the service {STATES[topic]}: its own business, and no contract."
    if topic == QUARANTINE:
        return "What no service could handle: the original bytes and headers, and the reason."
    return f"Keyed by {ROUTES[_home(topic)].key}."


def _home(topic: str) -> type[Message]:
    return next(message for message in ROUTES if _type(message) in messages_of(topic))


def _operations(hop: Hop) -> list[tuple[str, dict[str, Any]]]:
    group = {"type": "string", "enum": [group_of(hop.service)]}
    reads = [(f"{hop.service}.receives.{topic}", _operation("receive", topic)) for topic in hop.reads]
    for (_, operation), topic in zip(reads, hop.reads, strict=True):
        operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": "0.5.0"}}
        operation["x-unknown-type"] = "skip" if topic in hop.may_skip else "quarantine"
    return reads + [(f"{hop.service}.sends.{topic}", _operation("send", topic)) for topic in hop.writes]


def _operation(action: str, topic: str) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/{topic}/messages/{kind}"} for kind in messages_of(topic)]
    return {"action": action, "channel": {"$ref": f"#/channels/{topic}"}, "messages": messages}


def _message(message: type[Message]) -> dict[str, Any]:
    return {
        "name": _type(message),
        "summary": (message.__doc__ or message.__name__).splitlines()[0],
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
        "correlationId": {"location": "$message.header#/correlation"},
    }


def _draft_07(node: Any) -> Any:
    """AsyncAPI's own dialect: draft 7, where the places of a list are its `items`."""
    if isinstance(node, list):
        return [_draft_07(value) for value in node]
    if not isinstance(node, dict):
        return node
    changed = {"items" if name == "prefixItems" else name: _draft_07(value) for name, value in node.items()}
    if "$ref" in changed:
        changed["$ref"] = changed["$ref"].replace("#/$defs/", "#/components/schemas/")
    return changed


def main() -> None:
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    DOCUMENT.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
