"""The messages as JSON Schema (2020-12): what every version of a reader has to take."""

from typing import Any

import msgspec

from ecomkafka.messages import MEMBER, MESSAGES, Kind, Reason

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OPEN = "x-extensible-enum"
"""The members that a version has of a list to which newer ones may add (a keyword of Zalando's API guidelines)."""

Schema = dict[str, Any]


def schemas() -> Schema:
    """JSON Schema of every message, as written to `schemas/events.json`."""
    refs, components = msgspec.json.schema_components(MESSAGES, ref_template="#/$defs/{name}")
    for kind in (Kind, Reason):
        members = components[kind.__name__].pop("enum")
        components[kind.__name__] |= {"type": "string", "pattern": f"^{MEMBER}$", OPEN: members}
    return {"$schema": DIALECT, "anyOf": list(refs), "$defs": components}


def by_type(document: Schema) -> dict[str, Schema]:
    """The schema of each message by its type, with every `$ref` put in its place."""
    found = [_inlined(branch, document["$defs"]) for branch in document["anyOf"]]
    return {schema["properties"]["type"]["enum"][0]: schema for schema in found}


def _inlined(node: Any, definitions: Schema) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            return _inlined(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
        return {name: _inlined(value, definitions) for name, value in node.items()}
    return [_inlined(value, definitions) for value in node] if isinstance(node, list) else node
