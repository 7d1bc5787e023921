"""A node's security settings: TLS and SASL for clients and controllers, ACLs for each account."""

import secrets
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ecomkafka.broker.security.passwords import set_passwords, until
from ecomkafka.clients import Cluster
from ecomkafka.clients.access.account import ADMIN, Access
from ecomkafka.machine.private_files import write_private

if TYPE_CHECKING:
    from ecomkafka.broker.security.certificates import Authority

LOCALHOST = "127.0.0.1"
KEYSTORE, _TRUSTSTORE = "node.pem", "ca.pem"
"""In the node's folder, in which its JVM works."""


@dataclass(frozen=True)
class Accounts:
    """For a cluster whose clients need an account: where it listens, and the password of ADMIN, who may do all.

    Clients log in with SCRAM-SHA-256, which doesn't send the password and whose accounts are kept in Kafka itself.
    The nodes, and whoever makes the first account, log in as ADMIN with PLAIN: it needs nothing but server.properties.
    """

    host: str
    """An address of this machine that the clients can reach."""
    password: str = field(repr=False)
    authority: "Authority | None" = None
    """The CA of the nodes' certificates; None: nothing is encrypted."""
    topic_bytes: int | None = None
    """Beyond so many a partition's oldest segments go; None: never."""

    @property
    def login(self) -> tuple[str, str]:
        return ADMIN, self.password

    @property
    def access(self) -> Access:
        """How ADMIN's clients get in."""
        return Access(ADMIN, self.password, ca=str(self.authority.certificate) if self.authority else "")

    @property
    def protocol(self) -> str:
        """Of every listener, the controller's, too."""
        return "SASL_SSL" if self.authority else "SASL_PLAINTEXT"

    def equip(self, node: int, folder: Path) -> None:
        """Write a new certificate of the node into its folder, where there is TLS."""
        if self.authority:
            hosts = dict.fromkeys((self.host, LOCALHOST, "localhost"))
            write_private(folder / KEYSTORE, self.authority.issue(f"node-{node}", list(hosts)))
            (folder / _TRUSTSTORE).write_bytes(self.authority.certificate.read_bytes())

    def valid_until(self, folder: Path) -> datetime | None:
        """The end of the certificate in a node's folder; None without TLS."""
        if not self.authority:
            return None
        from ecomkafka.broker.security.certificates import valid_until  # its library is loaded only with TLS

        return valid_until((folder / KEYSTORE).read_text(encoding="ascii"))

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
            **(_TLS if self.authority else {}),
            **({"log.retention.bytes": self.topic_bytes} if self.topic_bytes else {}),
            **({"log.segment.bytes": self.topic_bytes // 4} if self.topic_bytes else {}),
        }


_TLS = {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": KEYSTORE,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": _TRUSTSTORE,
    # Our JVM compiles quickly and not well (jvm_options.py), and AES costs it four times as much.
    "ssl.cipher.suites": "TLS_CHACHA20_POLY1305_SHA256,TLS_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256",
}


def encrypted(folder: Path) -> Accounts:
    """The accounts of an embedded broker with TLS, whose CA and password are kept in its folder."""
    from ecomkafka.broker.security.certificates import Authority  # its library is loaded only with TLS

    authority = Authority(folder / "tls").create()
    password = authority.folder / "admin"
    if not password.exists():
        write_private(password, secrets.token_urlsafe())
    return Accounts(LOCALHOST, password.read_text(encoding="utf-8"), authority)


def let_admin_in(addresses: Sequence[str], accounts: Accounts) -> None:
    """Give ADMIN an account as everybody has one; returns when every node knows it.

    The storage tool would do it too, but takes the password as an argument.
    """
    access = accounts.access
    with closing(Cluster(tuple(addresses), **asdict(replace(access, mechanism="PLAIN"))).admin()) as admin:
        set_passwords(admin, {ADMIN: access.password})
    for address in addresses:
        until(partial(_lets_in, Cluster((address,), **asdict(access))), f"{ADMIN} is known at {address}")


def _lets_in(node: Cluster) -> bool:
    try:
        node.admin().close()
    except ConnectionError:
        return False
    return True
