"""A client of a schema registry, by the routes that Confluent's has and others copy: Apicurio, Karapace, Redpanda.

A *subject* is a name under which versions of a schema are kept. What is a schema's id stays it for ever: so both ways
are remembered, and who knows an id goes on when the registry is away.
"""

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple
from urllib.parse import quote

API = "/apis/ccompat/v7"
"""Where Apicurio has Confluent's routes; there they begin at the root."""
_SECONDS = 10.0


class RegistryError(RuntimeError):
    """One sentence for people: what the registry says, or that it does not answer, and what to do."""


class IncompatibleError(RegistryError):
    """The registry refuses a schema, because readers would break on it."""


class Written(NamedTuple):
    """A schema as the registry has it."""

    kind: str
    """AVRO, JSON or PROTOBUF."""
    text: str


class Registry:
    """The registry at `url`, for example "http://127.0.0.1:8081". Thread-safe; a question takes at most 10 seconds."""

    def __init__(self, url: str, api: str = API) -> None:
        self.url = url.rstrip("/")
        self._routes = self.url + api
        self._ids: dict[tuple[str, Written], int] = {}
        self._schemas: dict[int, Written] = {}

    def register(self, subject: str, schema: Written) -> int:
        """The schema's id; a new schema becomes the subject's next version. Raises IncompatibleError, RegistryError."""
        if (found := self._ids.get((subject, schema))) is None:
            found = int(self._ask("POST", f"/subjects/{quote(subject, '')}/versions", _body(schema))["id"])
            self._ids[subject, schema] = found
        return found

    def schema(self, number: int) -> Written:
        """The schema with this id."""
        if (found := self._schemas.get(number)) is None:
            answer = self._ask("GET", f"/schemas/ids/{number}")
            found = Written(answer.get("schemaType", "AVRO"), answer["schema"])
            self._schemas[number] = found
        return found

    def is_compatible(self, subject: str, schema: Written) -> bool:
        """Whether `register` would take it, by the subject's level; without registering it."""
        route = f"/compatibility/subjects/{quote(subject, '')}/versions/latest"
        return bool(self._ask("POST", route, _body(schema))["is_compatible"])

    def set_level(self, level: str, subject: str | None = None) -> None:
        """What is asked of a new version, of this subject or of all: NONE, BACKWARD, FORWARD, FULL, …_TRANSITIVE."""
        route = "/config" if subject is None else f"/config/{quote(subject, '')}"
        self._ask("PUT", route, {"compatibility": level})

    def subjects(self) -> list[str]:
        return sorted(self._ask("GET", "/subjects"))

    def _ask(self, method: str, route: str, body: dict[str, str] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
        request = urllib.request.Request(self._routes + route, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error, method, route) from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise RegistryError(
                f"the registry at {self.url} does not answer ({reason}), and {method} {route} is not known from "
                "before: 'ecomkafka registry status' says whether it runs"
            ) from error


def _body(schema: Written) -> dict[str, str]:
    return {"schemaType": schema.kind, "schema": schema.text}


def _refusal(error: urllib.error.HTTPError, method: str, route: str) -> RegistryError:
    try:
        said = str(json.load(error).get("message", error.reason))
    except ValueError:
        said = str(error.reason)
    if error.code == 409:
        subject = route.split("/")[2]
        return IncompatibleError(
            f"the registry refuses the schema for {subject!r}: {said:.500}. Allowed is what its level allows: an "
            "optional field with a default, or a new subject"
        )
    return RegistryError(f"the registry answers {method} {route} with {error.code}: {said:.500}")
