"""The account of this process (ECOMKAFKA_USER): where it is valid, and which names belong to it."""

import os
from collections.abc import Collection


def login(addresses: Collection[str]) -> tuple[str, str]:
    """User and password for the cluster at `addresses`; both empty where it needs none.

    The account belongs to the cluster of ECOMKAFKA_BOOTSTRAP. No other cluster gets the password: a lesson's private
    broker has no accounts.
    """
    user = os.environ.get("ECOMKAFKA_USER", "").strip()
    known = {address.strip() for address in os.environ.get("ECOMKAFKA_BOOTSTRAP", "").split(",")}
    if not user or not known.issuperset(addresses):
        return "", ""
    return user, os.environ.get("ECOMKAFKA_PASSWORD", "").strip()


def own(user: str, namespace: str) -> str:
    """The namespace with the user's name as its prefix: an account has rights to nothing else."""
    if not user or namespace == user or namespace.startswith(f"{user}."):
        return namespace
    return f"{user}.{namespace}" if namespace else user
