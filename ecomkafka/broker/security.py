"""A node's security settings: SASL for clients and controllers, ACLs for each account."""

import os
from dataclasses import dataclass, field
from pathlib import Path

ADMIN = "admin"


@dataclass(frozen=True)
class Accounts:
    """For a cluster whose clients need an account: where it listens, and the password of ADMIN, who may do all.

    Clients log in with SCRAM-SHA-256, which doesn't send the password and whose accounts are kept in Kafka itself.
    The nodes, and whoever makes the first account, log in as ADMIN with PLAIN: it needs nothing but server.properties.
    """

    host: str
    """An address of this machine that the clients can reach."""
    password: str = field(repr=False)

    @property
    def login(self) -> tuple[str, str]:
        return ADMIN, self.password

    def properties(self) -> dict[str, object]:
        """What server.properties needs besides; the password is in it, and is safe to quote: see `write_private`."""
        login = f'username="{ADMIN}" password="{self.password}" user_{ADMIN}="{self.password}";'
        plain = f"org.apache.kafka.common.security.plain.PlainLoginModule required {login}"
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        return {
            "listener.name.broker.sasl.enabled.mechanisms": "SCRAM-SHA-256,PLAIN",
            "listener.name.broker.scram-sha-256.sasl.jaas.config": scram,
            "listener.name.broker.plain.sasl.jaas.config": plain,
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            # A controller without a password lets anyone who reaches it add rights; SCRAM needs a quorum to log in to.
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config": plain,
            "sasl.mechanism.controller.protocol": "PLAIN",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{ADMIN}",
            # An endless producer throws away its own beginning, and does not fill the disk of all.
            "log.retention.bytes": 268_435_456,
            "log.segment.bytes": 67_108_864,
        }


def write_private(file: Path, text: str) -> None:
    """Write what only this user of the machine may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
