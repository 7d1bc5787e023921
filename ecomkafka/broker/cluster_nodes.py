"""The nodes of one cluster: the cluster id and the ports are stored in its directory, for the next start."""

import time
from pathlib import Path

import msgspec

from ecomkafka.broker.install import Kafka
from ecomkafka.broker.node import Node, random_id, stop_all
from ecomkafka.broker.ports import free_ports, is_free
from ecomkafka.broker.security.accounts import Accounts
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import check_data

_GONE_SECONDS, _POLL_SECONDS = 5.0, 0.05


class _Identity(msgspec.Struct, frozen=True):
    cluster_id: str
    ports: tuple[tuple[int, int], ...]
    """Each node's client and controller port."""


def read_nodes(directory: Path, accounts: Accounts | None = None) -> list[Node]:
    """The nodes of the cluster in `directory`; none if there is no cluster."""
    return _nodes(directory, _read(directory), accounts)


def start_nodes(
    directory: Path, brokers: int, kafka: Kafka, accounts: Accounts | None = None, agent: Path | None = None
) -> list[Node]:
    """Start the missing ones of `brokers` nodes, and wait until all know each other.

    They get their earlier ports; new ones if another program has taken one and no node runs. Raises BrokerError, after
    stopping what it started, if a node can't start or the disk is full.
    """
    check_data(directory, brokers)
    identity = _read(directory)
    nodes = _nodes(directory, identity, accounts, agent)
    if nodes and len(nodes) != brokers:
        raise BrokerError(f"{directory} holds a cluster of {len(nodes)}, not of {brokers}: use another directory")
    if not any(node.process for node in nodes) and not (nodes and _ports_are_free(identity)):
        identity = _on_new_ports(identity, brokers)
        (directory / "cluster.json").write_bytes(msgspec.json.encode(identity))
        nodes = _nodes(directory, identity, accounts, agent)
    down = [node for node in nodes if node.process is None]
    try:
        for node in down:
            node.start(kafka)
        for node in nodes:
            node.wait(brokers=range(1, brokers + 1))
    except OSError as error:
        stop_all(down)
        raise BrokerError(
            f"{error.filename or directory} can't be used ({error.strerror}): free space or change its rights"
        ) from error
    except BaseException:
        stop_all(down)
        raise
    return nodes


def _read(directory: Path) -> _Identity:
    file = directory / "cluster.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Identity)
    except FileNotFoundError:
        return _Identity(random_id(), ())
    except msgspec.MsgspecError as error:
        raise BrokerError(f"{file} is damaged ({error}): delete {directory}") from error


def _nodes(directory: Path, identity: _Identity, accounts: Accounts | None, agent: Path | None = None) -> list[Node]:
    numbers = range(1, len(identity.ports) + 1)
    return [Node(directory, identity.cluster_id, number, identity.ports, accounts, agent) for number in numbers]


def _ports_are_free(identity: _Identity) -> bool:
    """Checked for a while: a killed node holds its ports until the system has removed its process."""
    deadline = time.monotonic() + _GONE_SECONDS
    while not all(is_free(port) for pair in identity.ports for port in pair):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _on_new_ports(identity: _Identity, brokers: int) -> _Identity:
    ports = free_ports(2 * brokers)
    return _Identity(identity.cluster_id, tuple(zip(ports[::2], ports[1::2], strict=True)))
