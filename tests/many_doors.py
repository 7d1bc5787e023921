"""A Kafka whose clients get in by every way there is: one node with a listener for each."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kafka.admin import ConfigResource, ConfigResourceType

from ecomkafka.broker.class_archive import prepared
from ecomkafka.broker.node import Node, kill_all, random_id
from ecomkafka.broker.ports import free_ports
from ecomkafka.broker.security.accounts import LOCALHOST, Accounts, let_admin_in
from ecomkafka.broker.security.certificates import Authority
from ecomkafka.broker.security.passwords import set_passwords
from ecomkafka.clients import Cluster
from ecomkafka.clients.access.account import ADMIN
from ecomkafka.machine.guard import Guard

DOORS = {
    "PLAINTEXT": "PLAINTEXT",
    "SSL": "SSL",
    "SASL_PLAINTEXT": "SASL_PLAINTEXT",
    "SASL_SSL": "SASL_SSL",
    "MUTUAL": "SSL",
    "ELSEWHERE": "SSL",
    "OLD": "SSL",
}
"""Each listener's protocol. MUTUAL asks for a certificate, ELSEWHERE has another host's, OLD one that soon expires."""

OWN_CERTIFICATE = ("ELSEWHERE", "OLD")


@dataclass(frozen=True)
class ManyDoors(Accounts):
    ports: Mapping[str, int] = field(default_factory=dict)

    def equip(self, node: int, folder: Path) -> None:
        super().equip(node, folder)
        assert self.authority
        (folder / "ELSEWHERE.pem").write_text(self.authority.issue("node-1", ["kafka.example"]))
        (folder / "OLD.pem").write_text(self.authority.issue("node-1", [LOCALHOST]))

    def properties(self) -> dict[str, object]:
        known = super().properties()
        doors = {"BROKER": "SASL_SSL", **DOORS}
        at = ",".join(f"{door}://{LOCALHOST}:{self.ports[door]}" for door in doors)
        logins = {
            name.replace(".broker.", f".{door.lower()}."): value
            for door in ("SASL_PLAINTEXT", "SASL_SSL")
            for name, value in known.items()
            if name.startswith("listener.name.broker.")
        }
        certificates = {
            f"listener.name.{door.lower()}.ssl.keystore.location": f"{door}.pem" for door in OWN_CERTIFICATE
        }
        return (
            known
            | logins
            | certificates
            | {
                "listeners": f"{at},CONTROLLER://{LOCALHOST}:{self.ports['CONTROLLER']}",
                "advertised.listeners": at,
                "listener.security.protocol.map": ",".join(
                    f"{door}:{protocol}" for door, protocol in (doors | {"CONTROLLER": "SASL_SSL"}).items()
                ),
                "listener.name.mutual.ssl.client.auth": "required",
                "super.users": f"User:{ADMIN};User:ANONYMOUS;User:CN=anna",
            }
        )


@dataclass(frozen=True)
class Foreign:
    """The running broker, its CA, and a client's certificate of that CA."""

    doors: Mapping[str, str]
    """The address of each."""
    ca: str
    password: str
    certificate: str
    node: Node
    admin: Cluster

    def let_expire(self) -> None:
        """Give the door OLD a certificate that is over in a moment: Kafka takes none that is over already."""
        authority = Authority(Path(self.ca).parent)
        soon = datetime.now(UTC) + timedelta(seconds=5)
        (self.node.data.parent / "OLD.pem").write_text(authority.issue("node-1", [LOCALHOST], until=soon))
        change = ConfigResource(ConfigResourceType.BROKER, "1", {"listener.name.old.ssl.keystore.location": "OLD.pem"})
        with closing(self.admin.admin()) as admin:
            changed = admin.alter_configs([change], raise_on_unknown=False)
        assert changed == {"broker": {"1": "OK"}}


@contextmanager
def many_doors() -> Iterator[Foreign]:
    folder = Path(tempfile.mkdtemp(prefix="ecomkafka-doors-")).resolve()
    names = ("BROKER", "CONTROLLER", *DOORS)
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    authority = Authority(folder / "tls").create()
    accounts = ManyDoors(LOCALHOST, "secret-of-admin", authority, ports=ports)
    node = Node(folder, random_id(), 1, [(ports["BROKER"], ports["CONTROLLER"])], accounts)
    guard = Guard(folder, delete=True)
    try:
        node.start(prepared())
        node.wait()
        let_admin_in([node.address], accounts)
        certificate = folder / "anna.pem"
        certificate.write_text(authority.issue("anna", []))
        admin = Cluster((node.address,), user=ADMIN, password=accounts.password, ca=str(authority.certificate))
        with closing(admin.admin()) as connection:
            set_passwords(connection, {"eve": "secret-of-eve"})
        doors = {door: f"{LOCALHOST}:{ports[door]}" for door in DOORS}
        yield Foreign(doors, str(authority.certificate), accounts.password, str(certificate), node, admin)
    finally:
        kill_all([node])
        guard.close()
        shutil.rmtree(folder, ignore_errors=True)
