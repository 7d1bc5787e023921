"""The topic of results: every student writes to it, the teacher reads it."""

from contextlib import closing
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from kafka.admin import NewTopic
from kafka.errors import TopicAlreadyExistsError
from msgspec import Meta

from ecomkafka.clients import Cluster
from ecomkafka.contracts.codec import Codec
from ecomkafka.messages import Value

PROGRESS = "classroom.progress"

MAX_BYTES = 1_000
"""A result is smaller, with the longest name; nothing larger gets into the list."""

_CONFIG = {"retention.ms": "-1", "max.message.bytes": str(MAX_BYTES)}
_SECONDS = 15.0


class Result(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one check said to one student."""

    student: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}\Z")]
    """As accounts are named: this text ends in tables and spreadsheets."""
    lesson: Annotated[str, Meta(pattern=r"^([0-9]{2}|drills)\Z")]
    question: Annotated[str, Meta(pattern=r"^[qd][0-9]{1,2}\Z")]
    """In the lesson: "q1"; of the drills: "d1"."""
    outcome: Literal["correct", "wrong", "not attempted"]
    hints: Annotated[int, Meta(ge=0, le=9)]
    """Taken before the check."""
    at: Annotated[datetime, Meta(tz=True)]
    """By the student's clock."""


_codec = Codec(Result)


def encode(result: Result) -> bytes:
    return msgspec.json.encode(result)


def decode(value: bytes | None) -> Result:
    """Raises UndecodableError that says what is wrong."""
    result: Result = _codec.decode(value)
    return result


def create_list(cluster: Cluster) -> None:
    """Make the topic unless it is there; `cluster` is that of the administrator. One partition keeps the order."""
    topic = cluster.name(PROGRESS)
    with closing(cluster.admin()) as admin:
        if topic in admin.list_topics():
            return
        try:
            admin.create_topics([NewTopic(topic, 1, -1, topic_configs=_CONFIG)], timeout_ms=int(_SECONDS * 1000))
        except TopicAlreadyExistsError:
            return
        admin.wait_for_topics([topic], timeout_ms=int(_SECONDS * 1000))
