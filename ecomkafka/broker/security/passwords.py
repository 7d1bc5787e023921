"""The users' passwords, which Kafka stores salted and hashed (SCRAM-SHA-256)."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialDeletion, UserScramCredentialUpsertion

MECHANISM = ScramMechanism.SCRAM_SHA_256
_SECONDS = 10.0


def users(admin: KafkaAdminClient) -> set[str]:
    """The users with a password."""
    return set(admin.describe_user_scram_credentials())


def set_passwords(admin: KafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """Set these users' passwords; returns when the broker knows them."""
    _alter(admin, [UserScramCredentialUpsertion(user, MECHANISM, word) for user, word in passwords.items()])
    until(lambda: passwords.keys() <= users(admin), f"{len(passwords)} passwords are known to the broker")


def forget_passwords(admin: KafkaAdminClient, names: Collection[str]) -> None:
    """Delete these users' passwords; open connections stay."""
    _alter(admin, [UserScramCredentialDeletion(name, MECHANISM) for name in names])
    until(lambda: users(admin).isdisjoint(names), f"{len(names)} passwords are forgotten by the broker")


def _alter(admin: KafkaAdminClient, changes: list[Any]) -> None:
    """kafka-python returns the errors instead of raising them."""
    failed = {user: error for user, error in admin.alter_user_scram_credentials(changes).items() if error is not None}
    if failed:
        raise RuntimeError(
            "; ".join(f"the password of {user} was not changed: {error}" for user, error in failed.items())
        )


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not so after {_SECONDS:.0f} s")
        time.sleep(0.02)
