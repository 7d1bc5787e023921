"""docker-compose.yml against the code: the tests have no Docker engine, so ports, commands and names are compared."""

import base64
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from ecomkafka.broker.jars import LOCK
from ecomkafka.broker.server_properties import server_properties
from ecomkafka.cli import app
from ecomkafka.clients import Cluster
from ecomkafka.clients.profiles import DEVELOPMENT, PROFILES
from ecomkafka.flow import HOPS
from ecomkafka.registry.apicurio import VERSION
from ecomkafka.settings import Settings, sqlite_url

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "ecomkafka"}
BROKERS = {
    profile: {
        name: service
        for name, service in SERVICES.items()
        if service["image"].startswith("apache/kafka:") and service["profiles"] == [profile]
    }
    for profile in PROFILES
}
SHELL = {"CLUSTER_ID", "KAFKA_HEAP_OPTS"}
"""What the image's scripts take themselves; every other KAFKA_A_B is the broker's setting a.b."""


def setting(variable: str) -> str:
    return variable.removeprefix("KAFKA_").lower().replace("_", ".")


def properties(broker: dict[str, Any]) -> dict[str, str]:
    return {setting(name): str(value) for name, value in broker["environment"].items() if name not in SHELL}


def ports(service: dict[str, Any]) -> list[str]:
    return list(service.get("ports", []))


def test_every_service_of_the_shop_is_there() -> None:
    served = {service["command"][1] for service in OURS.values() if service.get("command", [""])[0] == "serve"}
    assert served == {*HOPS, "read-model"}
    assert {"kafka-ui", "jupyter", "topics"} <= SERVICES.keys()


@pytest.mark.parametrize("name", [name for name, service in OURS.items() if "command" in service])
def test_every_command_exists_with_its_options(name: str) -> None:
    command, *arguments = OURS[name]["command"]
    told = CliRunner().invoke(app, [command, "--help"])
    assert told.exit_code == 0
    text = re.sub(r"\x1b\[[\d;]*m", "", told.output)
    for option in (argument for argument in arguments if argument.startswith("-")):
        assert option in text
    for service in (argument for argument in arguments if not argument.startswith("-")):
        assert service in text


def test_every_variable_is_one_that_the_settings_read() -> None:
    known = {f"ECOMKAFKA_{field.upper()}" for field in Settings.__dataclass_fields__}
    for service in OURS.values():
        assert {name for name in service["environment"] if name.startswith("ECOMKAFKA_")} <= known


def test_the_profiles_are_those_of_the_code() -> None:
    named = {profile for service in SERVICES.values() for profile in service.get("profiles", [])}
    assert named - {"cli"} == PROFILES.keys()
    assert f"COMPOSE_PROFILES={DEVELOPMENT}" in (ROOT / ".env").read_text(encoding="utf-8").splitlines()
    for service in OURS.values():
        assert service["environment"]["ECOMKAFKA_PROFILE"] == f"${{COMPOSE_PROFILES:-{DEVELOPMENT}}}"


def test_production_is_what_the_contract_says() -> None:
    profile = PROFILES["production"]
    assert (profile.replication, profile.partitions) == (3, 10)
    assert profile.topics == {"min.insync.replicas": "2"}
    assert profile.producers == {"batch_size": 32768, "linger_ms": 10}
    assert len(BROKERS["production"]) == profile.replication
    for broker in BROKERS["production"].values():
        assert properties(broker)["default.replication.factor"] == str(profile.replication)
        assert properties(broker)["min.insync.replicas"] == profile.topics["min.insync.replicas"]


@pytest.mark.parametrize("profile", BROKERS)
def test_a_broker_is_set_as_the_embedded_one(profile: str) -> None:
    """Same Kafka, same settings; only addresses and folders are the container's own."""
    own = {
        "process.roles",
        "node.id",
        "log.dirs",
        "listeners",
        "advertised.listeners",
        "listener.security.protocol.map",
    }
    own |= {"inter.broker.listener.name", "controller.quorum.voters"}
    size = len(BROKERS[profile])
    lines = server_properties(1, [(0, 0)] * size, platform="posix").splitlines()
    embedded = dict(line.split("=", 1) for line in lines)
    for broker in BROKERS[profile].values():
        assert broker["image"] == f"apache/kafka:{LOCK.version}"
        here = properties(broker)
        assert here.keys() - embedded.keys() == set()
        assert {name: here[name] for name in here.keys() - own} == {name: embedded[name] for name in here.keys() - own}


@pytest.mark.parametrize("profile", BROKERS)
def test_the_brokers_form_one_cluster(profile: str) -> None:
    brokers = BROKERS[profile]
    voters = ",".join(f"{broker['environment']['KAFKA_NODE_ID']}@{name}:9093" for name, broker in brokers.items())
    for broker in brokers.values():
        assert broker["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"] == voters
        cluster_id = broker["environment"]["CLUSTER_ID"]
        assert len(base64.urlsafe_b64decode(f"{cluster_id}==")) == 16
        assert base64.urlsafe_b64encode(base64.urlsafe_b64decode(f"{cluster_id}==")).decode() == f"{cluster_id}=="


@pytest.mark.parametrize("profile", BROKERS)
def test_a_broker_is_found_under_the_address_that_the_services_use(profile: str) -> None:
    for service in OURS.values():
        (address,) = Cluster.of(service["environment"]["ECOMKAFKA_BOOTSTRAP"]).bootstrap
        host, port = address.split(":")
        for name, broker in BROKERS[profile].items():
            assert host in {name, *broker.get("networks", {}).get("default", {}).get("aliases", [])}
            assert f"INSIDE://{name}:{port}" in broker["environment"]["KAFKA_ADVERTISED_LISTENERS"]
            assert f"INSIDE://:{port}" in broker["environment"]["KAFKA_LISTENERS"]
    assert SERVICES["kafka-ui"]["environment"]["KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS"] == address


def test_the_registry_is_the_version_that_the_code_starts_and_keeps_schemas_in_kafka() -> None:
    registry = SERVICES["registry"]
    assert registry["image"] == f"apicurio/apicurio-registry:{VERSION}"
    assert registry["environment"]["APICURIO_STORAGE_KIND"] == "kafkasql"
    shop = OURS["topics"]["environment"]["ECOMKAFKA_BOOTSTRAP"]
    assert registry["environment"]["APICURIO_KAFKASQL_BOOTSTRAP_SERVERS"] == shop


@pytest.mark.parametrize("profile", BROKERS)
def test_a_broker_tells_clients_outside_the_port_that_is_published(profile: str) -> None:
    for broker in BROKERS[profile].values():
        (published,) = ports(broker)
        host, outside, inside = published.split(":")
        assert f"OUTSIDE://{host}:{outside}" in broker["environment"]["KAFKA_ADVERTISED_LISTENERS"]
        assert f"OUTSIDE://:{inside}" in broker["environment"]["KAFKA_LISTENERS"]


def test_ports_are_published_on_this_machine_only_and_once() -> None:
    for profile in PROFILES:
        running = [service for service in SERVICES.values() if profile in service.get("profiles", [profile])]
        published = [port for service in running for port in ports(service)]
        assert all(port.startswith("127.0.0.1:") for port in published)
        assert len({port.split(":")[1] for port in published}) == len(published)
    assert ports(SERVICES["kafka-ui"]) == ["127.0.0.1:8080:8080"]
    assert ports(SERVICES["registry"]) == ["127.0.0.1:8081:8080"]
    assert ports(SERVICES["jupyter"]) == ["127.0.0.1:8888:8888"]


def test_the_services_start_when_brokers_and_topics_are_there() -> None:
    for name in ("topics", "kafka-ui", "jupyter", "registry"):
        needed = SERVICES[name]["depends_on"]
        assert needed.keys() == {broker for brokers in BROKERS.values() for broker in brokers}
        # The other profile's brokers don't run.
        assert all(one == {"condition": "service_healthy", "required": False} for one in needed.values())
    for service in OURS.values():
        if service.get("command", [""])[0] == "serve":
            assert service["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}


TABLES = "read-model:/read-model"
"""The gateway reads the tables where the read model has them; its own home is another one."""


def test_every_volume_is_declared_and_used_by_one_profile_s_one_service() -> None:
    """Two containers may not share ECOMKAFKA_HOME: it has process ids, and a ledger that is locked."""
    mounted = [volume for service in SERVICES.values() for volume in service.get("volumes", []) if volume != TABLES]
    named = [volume.split(":")[0] for volume in mounted if not volume.startswith(".")]
    assert sorted(named) == sorted(COMPOSE["volumes"])


def test_what_is_mounted_of_this_folder_is_there() -> None:
    sources = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    assert [source for source in sources if source.startswith(".") and not (ROOT / source).exists()] == []


def test_the_gateway_reads_the_tables_that_the_read_model_writes() -> None:
    gateway = SERVICES["gateway"]
    assert TABLES in gateway["volumes"]
    assert gateway["environment"]["ECOMKAFKA_SQL"] == sqlite_url(Path("/read-model/orders.sqlite"))
    (port,) = ports(gateway)
    assert port == f"127.0.0.1:{gateway['command'][-1]}:{gateway['command'][-1]}"


def test_prometheus_and_grafana_find_whom_they_ask() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    targets = [target for config in config["scrape_configs"][0]["static_configs"] for target in config["targets"]]
    for target in targets:
        environment = SERVICES[target.split(":")[0]]["environment"]
        assert (environment["ECOMKAFKA_METRICS"], environment["ECOMKAFKA_LISTEN"]) == (9101, "0.0.0.0")
    (source,) = yaml.safe_load((ROOT / "deploy/grafana/datasources.yml").read_text(encoding="utf-8"))["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert ports(SERVICES["prometheus"]) == ["127.0.0.1:9090:9090"]
    assert "127.0.0.1:4318:4318" in ports(SERVICES["jaeger"])


def test_the_image_is_built_from_what_is_sent_to_the_builder() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE) for name in shlex.split(line)}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied == {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)
    assert re.search(r"^USER (?!root)", dockerfile, re.MULTILINE)
    home = re.search(r"ECOMKAFKA_HOME=(\S+)", dockerfile)
    assert home is not None
    mounts = [
        volume.split(":")[1]
        for service in OURS.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".") and volume != TABLES
    ]
    assert set(mounts) == {home[1]}


def test_a_service_is_healthy_when_it_says_that_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """The health check looks for these bytes in what `status --json` prints."""
    from ecomkafka.cli import output

    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, write_through=True))
    output.echo_json({"services": [{"service": "order", "ready": True}]})
    (looked_for,) = {
        re.findall(r"grep -q '(.+)'", s["healthcheck"]["test"][1])[0]
        for s in OURS.values()
        if s.get("command", [""])[0] == "serve"
    }
    assert looked_for.encode() in written.getvalue()
