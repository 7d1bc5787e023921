"""Somebody else's cluster: every way in, by settings alone; and what each mistake is called, with its cure."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import NewTopic

from ecomkafka.broker import broker
from ecomkafka.broker.security.certificates import Authority
from ecomkafka.clients import Cluster, kafka_cluster
from ecomkafka.clients.access.account import Access, external
from ecomkafka.clients.admin import create_topics
from ecomkafka.faults.network_proxy import Proxy
from ecomkafka.machine.errors import BrokerError
from ecomkafka.settings import SettingError, Settings
from tests.commands import Here
from tests.many_doors import Foreign, many_doors
from tests.waiting import PATIENCE, eventually


@pytest.fixture(scope="module")
def foreign() -> Iterator[Foreign]:
    with many_doors() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BOOTSTRAP", "USER", "PASSWORD", "MECHANISM", "CA", "CERTIFICATE", "ACCOUNT", "NAMESPACE", "PROXY"):
        monkeypatch.delenv(f"ECOMKAFKA_{name}", raising=False)
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))


def settings_of(foreign: Foreign, door: str, *given: str, **instead: str) -> dict[str, str]:
    """`given`: those of USER, CA and CERTIFICATE that this door asks for."""
    values = {"BOOTSTRAP": foreign.doors[door], "CA": foreign.ca, "CERTIFICATE": foreign.certificate}
    account = {"USER": "admin", "PASSWORD": foreign.password} if "USER" in given else {}
    return {name: value for name, value in values.items() if name in ("BOOTSTRAP", *given)} | account | instead


def set_all(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> Cluster:
    for name, value in values.items():
        monkeypatch.setenv(f"ECOMKAFKA_{name}", value)
    return Cluster.of(values["BOOTSTRAP"], "shop")


def there_and_back(cluster: Cluster, name: str) -> list[bytes]:
    """A record in a transaction, and read by a group."""
    topic = cluster.name(name)
    with closing(cluster.admin()) as admin:
        admin.create_topics([NewTopic(topic, 1, 1)])
        admin.wait_for_topics([topic], timeout_ms=10_000)
    with closing(cluster.producer("writer")) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(topic, b"hello")
        producer.commit_transaction()
    with closing(cluster.consumer()) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        records = eventually(lambda: consumer.poll(200), "the record")
    return [record.value for some in records.values() for record in some]


WAYS = [
    ("PLAINTEXT", (), {}),
    ("SSL", ("CA",), {}),
    ("SASL_PLAINTEXT", ("USER",), {}),
    ("SASL_PLAINTEXT", ("USER",), {"MECHANISM": "PLAIN"}),
    ("SASL_SSL", ("USER", "CA"), {}),
    ("SASL_SSL", ("USER", "CA"), {"MECHANISM": "PLAIN"}),
    ("MUTUAL", ("CA", "CERTIFICATE"), {}),
]


@pytest.mark.parametrize(("door", "given", "more"), WAYS)
def test_every_way_in_by_settings(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch, door: str, given: tuple[str, ...], more: dict[str, str]
) -> None:
    cluster = set_all(monkeypatch, settings_of(foreign, door, *given, **more))
    assert there_and_back(cluster, f"{door}-{more.get('MECHANISM', 'usual')}".replace("_", "-")) == [b"hello"]
    status = broker.status()
    assert status
    assert (status.external, status.brokers) == (True, 1)
    assert Settings.read().ca == cluster.ca


MISTAKES = [
    ("SSL", ("CA",), {"CA": "another"}, "a certificate that the CA of ECOMKAFKA_CA has not signed"),
    ("SSL", (), {"CA": "system"}, "a certificate that the CA of ECOMKAFKA_CA has not signed"),
    ("ELSEWHERE", ("CA",), {}, "a certificate of another host .* use the name that the certificate is for"),
    ("SSL", (), {}, "encrypts .TLS., and this client does not: let ECOMKAFKA_CA name"),
    ("SASL_SSL", ("USER",), {}, "encrypts .TLS., and this client does not: let ECOMKAFKA_CA name"),
    ("PLAINTEXT", ("CA",), {}, "does not encrypt, and this client does: unset ECOMKAFKA_CA"),
    ("PLAINTEXT", ("USER",), {}, "has no accounts: unset ECOMKAFKA_USER"),
    ("SASL_PLAINTEXT", (), {}, "asks for an account: set ECOMKAFKA_USER"),
    ("SASL_SSL", ("CA",), {}, "asks for an account: set ECOMKAFKA_USER"),
    ("SASL_SSL", ("CA", "USER"), {"MECHANISM": "SCRAM-SHA-512"}, "does not log in by SCRAM-SHA-512"),
    ("MUTUAL", ("CA",), {}, "wants the client's own certificate .* let ECOMKAFKA_CERTIFICATE name"),
]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is asked for after a third of a second, not after three."""
    monkeypatch.setitem(kafka_cluster._COMMON, "bootstrap_timeout_ms", 300)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("door", "given", "more", "told"), MISTAKES)
def test_every_mistake_has_a_sentence_with_its_cure(
    foreign: Foreign,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    door: str,
    given: tuple[str, ...],
    more: dict[str, str],
    told: str,
) -> None:
    if more.get("CA") == "another":
        more = more | {"CA": str(Authority(tmp_path / "other").create().certificate)}
    set_all(monkeypatch, settings_of(foreign, door, *given, **more))
    with pytest.raises(BrokerError, match=rf"^Kafka at {foreign.doors[door]} .*{told}"):
        broker.status()


def test_a_wrong_password_is_named(foreign: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, settings_of(foreign, "SASL_SSL", "CA", "USER", PASSWORD="guessed"))
    with pytest.raises(BrokerError, match="refuses user 'admin' with this password: check ECOMKAFKA_USER"):
        broker.status()


@pytest.mark.usefixtures("impatient")
def test_who_was_given_an_account_and_finds_nobody_is_told_whom_to_ask() -> None:
    with pytest.raises(ConnectionError, match=r"no Kafka answers at 127\.0\.0\.1:1: ask whoever gave you the account"):
        Cluster(("127.0.0.1:1",), user="anna", password="secret").admin()


@pytest.mark.usefixtures("impatient")
def test_an_expired_certificate_is_named(foreign: Foreign) -> None:
    foreign.let_expire()
    cluster = Cluster((foreign.doors["OLD"],), ca=foreign.ca)

    def is_named() -> bool:
        """The listener is closed for a moment while its certificate is changed."""
        try:
            cluster.admin().close()
        except ConnectionError as error:
            return "a certificate that has expired: whoever runs it has to renew it" in str(error)
        return False

    assert eventually(is_named, "the end of the certificate, in a sentence")


@pytest.mark.parametrize("door", ["PLAINTEXT", "SASL_SSL"])
def test_a_frozen_broker_holds_nobody(foreign: Foreign, monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    set_all(monkeypatch, settings_of(foreign, door, *(("CA", "USER") if door == "SASL_SSL" else ())))
    foreign.node.pause()
    try:
        with pytest.raises(BrokerError, match="accepts connections and answers nothing"):
            broker.status()
    finally:
        foreign.node.resume()


def test_who_has_no_rights_is_told_whom_to_ask(foreign: Foreign, tmp_path: Path) -> None:
    values = settings_of(foreign, "SASL_SSL", "CA") | {"USER": "eve", "PASSWORD": "secret-of-eve"}
    done = Here(tmp_path, **values).run("create-topics")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert re.search(r"user 'eve' may not create the topic eve\.\S+: ask whoever runs the cluster", done.stderr)


def test_a_file_that_is_missing_or_something_else_is_named_before_anybody_is_asked(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nothing = tmp_path / "nothing.pem"
    for name, told in (("CA", "CA file"), ("CERTIFICATE", "certificate")):
        for content in (None, "no PEM"):
            if content:
                nothing.write_text(content)
            with monkeypatch.context() as patch:
                patch.setenv("ECOMKAFKA_BOOTSTRAP", foreign.doors["SSL"])
                patch.setenv(f"ECOMKAFKA_{name}", str(nothing))
                with pytest.raises(SettingError, match=rf"{told} '{nothing}' \(ECOMKAFKA_{name}\)"):
                    Settings.read()
            nothing.unlink(missing_ok=True)


def test_one_file_stands_for_all_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "anna.toml"
    file.write_text('bootstrap = "room:9093"\nuser = "anna"\npassword = "geheim"\n', encoding="utf-8")
    monkeypatch.setenv("ECOMKAFKA_ACCOUNT", str(file))
    assert external().bootstrap == ("room:9093",)
    assert external().access == Access("anna", "geheim")
    assert Settings.read("shop").namespace == "anna.shop"
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", "elsewhere:9092")
    assert external().access == Access(), "the file is of another cluster"
    monkeypatch.delenv("ECOMKAFKA_BOOTSTRAP")
    file.write_text("bootstrap =", encoding="utf-8")
    with pytest.raises(SettingError, match=r"ECOMKAFKA_ACCOUNT: .*anna\.toml is damaged"):
        Settings.read()
    file.unlink()
    with pytest.raises(SettingError, match=r"ECOMKAFKA_ACCOUNT: .*anna\.toml can't be read"):
        Settings.read()


def test_topics_are_made_through_every_wall(foreign: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = set_all(monkeypatch, settings_of(foreign, "SASL_SSL", "CA", "USER"))
    assert "orders.events" in create_topics(cluster)


# --- behind an HTTP proxy


class OnlyWay(Proxy):
    """A proxy that alone knows where `kafka.invalid` is, as a company's does: who goes round it finds nobody."""

    def _connect(self, host: str, port: int) -> socket.socket:
        return super()._connect(host.replace("kafka.invalid", "127.0.0.1"), port)


@pytest.fixture
def only_way(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with OnlyWay(sealed=True) as proxy:
        monkeypatch.setenv("ECOMKAFKA_PROXY", proxy.url)
        yield proxy.url


def behind(address: str) -> str:
    return address.replace("127.0.0.1", "kafka.invalid")


@pytest.mark.usefixtures("only_way")
@pytest.mark.parametrize(("door", "given"), [("PLAINTEXT", ()), ("SASL_PLAINTEXT", ("USER",))])
def test_whoever_is_reached_through_a_proxy_alone_is_found(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch, door: str, given: tuple[str, ...]
) -> None:
    set_all(monkeypatch, settings_of(foreign, door, *given, BOOTSTRAP=behind(foreign.doors[door])))
    status = broker.status()
    assert status
    assert status.brokers == 1


@pytest.mark.usefixtures("impatient", "only_way")
@pytest.mark.parametrize(
    ("door", "given", "told"),
    [
        ("SSL", ("CA",), "a certificate of another host"),
        ("SSL", ("SYSTEM",), "a certificate that the CA of ECOMKAFKA_CA has not signed"),
        ("SASL_SSL", ("USER",), "encrypts .TLS., and this client does not"),
        ("PLAINTEXT", ("CA",), "does not encrypt, and this client does"),
        ("SASL_PLAINTEXT", (), "asks for an account"),
    ],
)
def test_through_a_proxy_a_mistake_has_the_same_sentence(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch, door: str, given: tuple[str, ...], told: str
) -> None:
    values = settings_of(foreign, door, *given, BOOTSTRAP=behind(foreign.doors[door]))
    set_all(monkeypatch, values | ({"CA": "system"} if "SYSTEM" in given else {}))
    with pytest.raises(BrokerError, match=rf"^Kafka at {values['BOOTSTRAP']} .*{told}"):
        broker.status()


@pytest.mark.usefixtures("only_way")
def test_through_a_proxy_a_frozen_broker_holds_nobody(foreign: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, settings_of(foreign, "SASL_SSL", "CA", "USER"))
    foreign.node.pause()
    try:
        with pytest.raises(BrokerError, match=r"Kafka at .* accepts connections and answers nothing"):
            broker.status()
    finally:
        foreign.node.resume()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "takes no connection .*: start it, or unset the variable"),
        (b"", "closes the connection: does it reach {address}"),
        (
            b"HTTP/1.1 403 Forbidden\r\n\r\n",
            "does not connect to {address} .HTTP/1.1 403 Forbidden.: ask whoever runs it",
        ),
        (b"HTTP", "answers nothing: it is frozen, or waits for {address} itself"),
    ],
)
def test_a_proxy_that_lets_nobody_through_is_named(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch, answer: bytes | None, told: str
) -> None:
    address = foreign.doors["SSL"]
    with answering(answer) as url:
        set_all(monkeypatch, settings_of(foreign, "SSL", "CA", PROXY=url))
        wanted = rf"^the proxy {url} .ECOMKAFKA_PROXY. {told.format(address=address)}"
        with pytest.raises(BrokerError, match=wanted):
            broker.status()


@contextmanager
def answering(answer: bytes | None) -> Iterator[str]:
    """The URL of something that gives everybody this answer: None: it takes no connection, "": it hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        if answer is None:
            listener.close()
            yield url
            return
        asked: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):  # the listener is closed
                while True:
                    client, _ = listener.accept()
                    client.recv(4096)
                    client.sendall(answer)
                    asked.append(client) if answer == b"HTTP" else client.close()

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield url
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.join(PATIENCE)
            for client in asked:
                client.close()
