"""The students' accounts: a password, rights to names with the student's prefix, and quotas."""

import re
import secrets
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from kafka import KafkaAdminClient

from ecomkafka.broker.security.passwords import forget_passwords, set_passwords, users
from ecomkafka.classroom.quotas import limit, unlimit
from ecomkafka.classroom.rights import grant, revoke
from ecomkafka.clients import Cluster
from ecomkafka.clients.access.account import ADMIN

RESERVED = (ADMIN, "classroom")
"""The teacher, and the prefix of what belongs to the room."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_ALLOWED = f"letters, digits and '-' are allowed, at most 40, and not {' or '.join(RESERVED)}"


@dataclass(frozen=True)
class Account:
    """What a student needs to log in."""

    name: str
    password: str = field(repr=False)


def students(cluster: Cluster) -> list[str]:
    """The names of all who have an account, in order; `cluster` is that of the administrator."""
    with closing(cluster.admin()) as admin:
        return _students(admin)


def add(cluster: Cluster, names: Sequence[str]) -> list[Account]:
    """Make accounts, all or none. Only this call returns their passwords.

    Raises ValueError for a name that can't be used or is taken.
    """
    with closing(cluster.admin()) as admin:
        _check(names, _students(admin))
        accounts = [Account(name, secrets.token_urlsafe(9)) for name in names]
        limit(admin, names)
        grant(admin, names)
        # The password comes last: who can log in has all.
        set_passwords(admin, {account.name: account.password for account in accounts})
    return accounts


def remove(cluster: Cluster, names: Sequence[str]) -> None:
    """Delete accounts, with effect on open connections at once; their topics stay, for an account of the same name.

    Raises LookupError for a name that has none, and then removes nobody.
    """
    with closing(cluster.admin()) as admin:
        there = _students(admin)
        if unknown := [name for name in names if name not in there]:
            raise LookupError(f"no account {', '.join(unknown)}: there are {', '.join(there) or 'none'}")
        revoke(admin, names)
        unlimit(admin, names)
        # The password goes last: what was interrupted can be done again.
        forget_passwords(admin, names)


def _students(admin: KafkaAdminClient) -> list[str]:
    return sorted(users(admin) - {ADMIN})


def _check(names: Sequence[str], there: Sequence[str]) -> None:
    """Names differ in more than upper and lower case: topics are folders, and some systems see no difference.

    No "_": to Kafka the topics anna.b and anna_b have the same name, and the second is refused.
    """
    taken = Counter(name.casefold() for name in (*there, *names))
    for name in names:
        if not _NAME.fullmatch(name) or name.casefold() in RESERVED:
            raise ValueError(f"name {name!r:.80}: {_ALLOWED}")
        if taken[name.casefold()] > 1:
            raise ValueError(f"name {name!r} is taken or given twice: remove the account first, for a new password")
