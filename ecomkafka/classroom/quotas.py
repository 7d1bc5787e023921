"""Client quotas per student: an endless producer does not stop the class."""

from collections.abc import Collection
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import NoError, for_code
from kafka.protocol.admin import AlterClientQuotasRequest

from ecomkafka.clients.internals.client_connections import send

QUOTAS = {
    "producer_byte_rate": 2_000_000.0,
    "consumer_byte_rate": 8_000_000.0,
    "request_percentage": 100.0,
}
"""Bytes a second, and how long the broker's threads may work for one user: 100 is one thread all the time.

The broker answers later to whoever takes more, for so long that the average is kept.
"""

_Entry = AlterClientQuotasRequest.EntryData


def limit(admin: KafkaAdminClient, names: Collection[str]) -> None:
    """Give each of these users QUOTAS."""
    _alter(admin, names, [_Entry.OpData(key, value, False) for key, value in QUOTAS.items()])


def unlimit(admin: KafkaAdminClient, names: Collection[str]) -> None:
    """Take the quotas of these users away."""
    _alter(admin, names, [_Entry.OpData(key, 0.0, True) for key in QUOTAS])


def _alter(admin: KafkaAdminClient, names: Collection[str], changes: list[Any]) -> None:
    entries = [_Entry([_Entry.EntityData("user", name)], changes) for name in names]
    request = AlterClientQuotasRequest(entries=entries, validate_only=False)
    for answer in send(admin, request).entries:
        if (error := for_code(answer.error_code)) is not NoError:
            raise RuntimeError(f"quotas of {answer.entity[0].entity_name}: {error.__name__}: {answer.error_message}")
