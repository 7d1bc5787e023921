"""One cluster, one namespace: every producer, consumer and admin client is made here, with the right settings.

kafka-python's defaults favour the beginner (commit by timer, read what may be aborted, start at the end); each override
says why.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaConnectionError, KafkaTimeoutError, SaslAuthenticationFailedError

from ecomkafka.clients.access.account import ADMIN, SCRAM, Access, access_to, check_proxy, own, proxy_to
from ecomkafka.clients.access.obstacles import obstacle
from ecomkafka.clients.assignor import SignedRange
from ecomkafka.clients.connections import CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS, BoundedClient
from ecomkafka.clients.internals.batches import unpack_with
from ecomkafka.clients.internals.client_connections import bound_handshake, report_refused_password
from ecomkafka.clients.internals.consumer_state import keep_joining, report_missing_leader
from ecomkafka.clients.profiles import DEVELOPMENT, PROFILES, check_profile
from ecomkafka.clients.record_batches import Unpacked
from ecomkafka.clients.requests import Requests

TRANSACTION_TIMEOUT_MS = 10_000
"""A dead producer's open transaction stalls every read_committed reader for this time."""

SESSION_TIMEOUT_MS = 10_000
"""A dead instance's partitions are not read for this time, unless an instance of the same name starts earlier."""

MAX_REQUEST_SIZE = 2_097_152
"""Bytes: a record at the broker's limit must still fit into quarantine with its headers."""

_COMMON: dict[str, Any] = {
    "reconnect_backoff_max_ms": 1_000,  # the default lets a client wait 30 s for a broker that is back
    "bootstrap_timeout_ms": 3_000,  # a service that is to stop in 5 s may be making a client just now
    "metadata_max_age_ms": 60_000,
}
_PRODUCER: dict[str, Any] = _COMMON | {
    "metrics_enabled": False,  # costs time for each record, and nobody reads them
    "retry_backoff_ms": 5,  # every transaction after the first sleeps it once: 100 ms by default
    "acks": "all",
    "compression_type": "lz4",
    "linger_ms": 5,  # whoever is in a hurry flushes; until then a batch may fill
    "batch_size": 131_072,
    "max_block_ms": 10_000,
    "request_timeout_ms": REQUEST_TIMEOUT_MS,
    "delivery_timeout_ms": 15_000,
    "max_request_size": MAX_REQUEST_SIZE,
    "allow_auto_create_topics": False,
}
_CONSUMER: dict[str, Any] = _COMMON | {
    "metrics_enabled": False,
    "isolation_level": "read_committed",
    "auto_offset_reset": "earliest",
    "enable_auto_commit": False,
    "retry_backoff_ms": 20,
    "request_timeout_ms": REQUEST_TIMEOUT_MS,
    "session_timeout_ms": SESSION_TIMEOUT_MS,
    "heartbeat_interval_ms": 1_000,
    # Range gives partition p of every topic to the same member: a saga's two inputs stay together.
    "partition_assignment_strategy": (SignedRange,),
    "allow_auto_create_topics": False,
}

_OUR_OWN = "start one with 'ecomkafka up' or point ECOMKAFKA_BOOTSTRAP at one that runs"
_SOMEBODY_S = "ask whoever gave you the account whether it runs"

_NAMESPACE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Cluster:
    """A Kafka cluster, seen from one namespace: a prefix keeps shops on the same cluster apart."""

    bootstrap: tuple[str, ...]
    namespace: str = ""
    profile: str = DEVELOPMENT
    proxy: str = ""
    """The URL of an HTTP proxy through which every broker is reached; "": none."""
    user: str = ""
    """The account's name, for a cluster that asks for one; "": it doesn't."""
    password: str = field(default="", repr=False)
    mechanism: str = SCRAM
    """How it logs in, one of MECHANISMS."""
    ca: str = field(default="", repr=False)
    """The CA of the cluster's certificates: a PEM file, its text, or "system"; "": nothing is encrypted."""
    certificate: str = ""
    """A PEM file with the client's own key and certificate (mutual TLS); "": none."""

    def __post_init__(self) -> None:
        if not self.bootstrap:
            raise ValueError("bootstrap is empty: at least one 'host:port' is needed, for example ['localhost:9092']")
        for address in self.bootstrap:
            if not re.fullmatch(r"[^\s:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", address):
                raise ValueError(f"bootstrap address {address!r}: 'host:port' is needed, for example 'localhost:9092'")
        check_profile(self.profile)
        self.access.check()
        check_proxy(self.proxy)
        if self.namespace != "" and not (isinstance(self.namespace, str) and _NAMESPACE.fullmatch(self.namespace)):
            raise ValueError(
                f"namespace {self.namespace!r:.120}: letters, digits, '.', '_' and '-' are allowed, at most 100"
            )

    @classmethod
    def of(cls, servers: "Cluster | Sequence[str] | str", namespace: str = "", profile: str = DEVELOPMENT) -> "Cluster":
        """A Cluster from `['localhost:9092']`, from "host:port,host:port" or from a Cluster.

        On the cluster of ECOMKAFKA_BOOTSTRAP it logs in as ECOMKAFKA_USER, and its namespace begins with the user's
        name, through ECOMKAFKA_PROXY if that is set. Into a broker of this process it gets, too.
        """
        if isinstance(servers, Cluster):
            return servers
        if isinstance(servers, str):
            servers = servers.split(",")
        addresses = tuple(server.strip() for server in servers)
        access = access_to(addresses)
        return cls(addresses, own(access.user, namespace), profile, proxy_to(addresses), **asdict(access))

    @property
    def access(self) -> Access:
        return Access(self.user, self.password, self.mechanism, self.ca, self.certificate)

    def variables(self) -> dict[str, str]:
        """The environment of a child process that is to see the same cluster; what is empty is no account of ours."""
        seen = {"BOOTSTRAP": ",".join(self.bootstrap), "NAMESPACE": self.namespace, "PROFILE": self.profile}
        chosen = seen | {"PROXY": self.proxy, "ACCOUNT": ""}
        return {f"ECOMKAFKA_{name}": value for name, value in chosen.items()} | self.access.variables()

    def name(self, name: str) -> str:
        """The name on the cluster of a topic, group or transactional id of this namespace."""
        return f"{self.namespace}.{name}" if self.namespace else name

    def logical(self, name: str) -> str:
        """The inverse of `name`."""
        return name.removeprefix(f"{self.namespace}.") if self.namespace else name

    def producer(self, transactional_id: str | None = None, **settings: Any) -> KafkaProducer:
        """A producer; with a `transactional_id` it fences the earlier owner of that id."""
        if transactional_id is not None:
            usual = {"transactional_id": self.name(transactional_id), "transaction_timeout_ms": TRANSACTION_TIMEOUT_MS}
            settings = usual | settings
        return self._connect(KafkaProducer, _PRODUCER | PROFILES[self.profile].producers | settings)

    def consumer(self, group: str | None = None, instance: str | None = None, **settings: Any) -> KafkaConsumer:
        """A consumer; `instance` makes it a static member: restarted, it gets its partitions back at once."""
        if group is not None:
            settings |= {"group_id": self.name(group), "group_instance_id": instance}
        consumer = self._connect(KafkaConsumer, _CONSUMER | settings)
        unpack_with(consumer, Unpacked)
        keep_joining(consumer)
        report_missing_leader(consumer)
        return consumer

    def admin(self, **settings: Any) -> KafkaAdminClient:
        return self._connect(KafkaAdminClient, _COMMON | {"request_timeout_ms": 15_000} | settings)

    @property
    def batch_size(self) -> int:
        """Bytes of records in one batch of a partition."""
        return int((_PRODUCER | PROFILES[self.profile].producers)["batch_size"])

    def requests(self, name: str) -> Requests:
        """Connections for requests that kafka-python's own clients do not send; `name` is shown in the broker's log."""
        settings = {"client_id": name, "request_timeout_ms": REQUEST_TIMEOUT_MS}
        requests: Requests = self._connect(Requests, _COMMON | settings)
        return requests

    def _connect(self, client: type[Any], settings: dict[str, Any]) -> Any:
        networks: list[BoundedClient] = []
        settings = self.access.client_settings() | ({"proxy_url": self.proxy} if self.proxy else {}) | settings

        def network(**options: Any) -> BoundedClient:
            networks.append(BoundedClient(**options))
            if self.access.tls:
                bound_handshake(networks[-1].connections, CONNECT_TIMEOUT_MS / 1000)
            if self.user:
                report_refused_password(networks[-1].connections)
            return networks[-1]

        try:
            return client(bootstrap_servers=list(self.bootstrap), kafka_client=network, **settings)
        except (KafkaTimeoutError, KafkaConnectionError, SaslAuthenticationFailedError) as error:
            for opened in networks:  # kafka-python forgets what it has opened if nobody answers
                opened.close()
            if isinstance(error, SaslAuthenticationFailedError):
                raise ConnectionError(
                    f"Kafka at {', '.join(self.bootstrap)} refuses user {self.user!r} with this password: "
                    "check ECOMKAFKA_USER and ECOMKAFKA_PASSWORD"
                ) from error
            to_do = _OUR_OWN if self.user in ("", ADMIN) else _SOMEBODY_S
            raise ConnectionError(
                obstacle(self.bootstrap, self.access, self.proxy)
                or f"no Kafka answers at {', '.join(self.bootstrap)}: {to_do}"
            ) from error
