"""A node's `server.properties`: the broker settings for a laptop and for lessons."""

import os
from collections.abc import Sequence

from ecomkafka.broker.security.accounts import Accounts

_FIXED = {
    "group.initial.rebalance.delay.ms": 0,  # a first consumer waits 3 s by default
    "group.min.session.timeout.ms": 1_000,
    "broker.session.timeout.ms": 3_000,  # a killed leader's partitions move after 3 s, not 9 s
    "broker.heartbeat.interval.ms": 500,
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1_000,
    "add.partitions.to.txn.retry.backoff.ms": 1,  # 20 ms by default, while the transaction before writes markers
    "add.partitions.to.txn.retry.backoff.max.ms": 5,
    "offsets.retention.minutes": 525_600,  # a lesson goes on after the summer
    "auto.create.topics.enable": "false",  # a wrong name is an error, not a topic
    "offsets.topic.num.partitions": 8,  # 50 by default: eight are created in a sixth of the time
    "transaction.state.log.num.partitions": 8,
    "log.cleaner.dedupe.buffer.size": 16_777_216,  # 128 MB by default, a quarter of the heap
    "log.index.size.max.bytes": 1_048_576,  # laid out in full where files can't be sparse (Windows)
    "num.network.threads": 2,
    "num.io.threads": 4,
}
LOG = "log"
"""A node's data. The name is relative to the node's folder, in which its JVM works: `log.dirs` is a list, split at
commas, in a file that Java reads as Latin-1, so the path of the folder may be anything where it is not written."""

_PLATFORM = {
    "nt": {"delete.topic.enable": "false"},  # Windows keeps files that are open: a broker dies of deleting them
}


def server_properties(
    node: int,
    ports: Sequence[tuple[int, int]],
    accounts: Accounts | None = None,
    platform: str = os.name,
) -> str:
    """The text for node number `node` (from 1) of a cluster; `ports` has each node's client and controller port."""
    host, protocol = (accounts.host, accounts.protocol) if accounts else ("127.0.0.1", "PLAINTEXT")
    client, controller = ports[node - 1]
    replicas = min(3, len(ports))
    in_sync = max(1, replicas - 1)  # one of three may be killed and nothing is lost
    settings: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": node,
        "listeners": f"BROKER://{host}:{client},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"BROKER://{host}:{client}",
        "listener.security.protocol.map": f"BROKER:{protocol},CONTROLLER:{protocol}",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": ",".join(f"{i}@127.0.0.1:{port}" for i, (_, port) in enumerate(ports, start=1)),
        "log.dirs": LOG,
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        **_FIXED,
        **_PLATFORM.get(platform, {}),
        **(accounts.properties() if accounts else {}),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
