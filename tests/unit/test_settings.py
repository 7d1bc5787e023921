"""Settings come from the environment; a bad one is named with its value and what is allowed."""

import os
from pathlib import Path

import pytest

from ecomkafka.clients import Cluster
from ecomkafka.gateways.sql_tables import open_engine
from ecomkafka.machine.errors import BrokerError
from ecomkafka.settings import SettingError, Settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BOOTSTRAP", "NAMESPACE", "PROFILE", "PROXY", "SMTP", "SQL", "PAYMENTS", "USER", "PASSWORD"):
        monkeypatch.delenv(f"ECOMKAFKA_{name}", raising=False)
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path))


def test_without_any_variable_everything_lies_in_home(tmp_path: Path) -> None:
    assert Settings.read() == Settings(
        home=tmp_path,
        bootstrap=(),
        namespace="",
        profile="development",
        proxy="",
        smtp="",
        sql=f"sqlite:///{tmp_path.as_posix()}/orders.sqlite",
        payments=tmp_path / "payments.sqlite",
    )
    assert Settings.read().mailbox == tmp_path / "mailbox"


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = {
        "BOOTSTRAP": "kafka-1:9092, kafka-2:9092",
        "NAMESPACE": "alice",
        "PROFILE": "production",
        "PROXY": "http://127.0.0.1:3128",
        "SMTP": "mail.example:25",
        "SQL": "postgresql+psycopg://shop:secret@db/shop",
        "PAYMENTS": str(tmp_path / "ledger"),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"ECOMKAFKA_{name}", value)
    settings = Settings.read()
    assert settings.bootstrap == ("kafka-1:9092", "kafka-2:9092")
    assert settings.external
    assert (settings.namespace, settings.profile, settings.smtp) == ("alice", "production", "mail.example:25")
    assert settings.proxy == "http://127.0.0.1:3128"
    assert (settings.sql, settings.payments) == (values["SQL"], tmp_path / "ledger")


def test_the_option_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_NAMESPACE", "alice")
    assert Settings.read("bob").namespace == "bob"
    assert Settings.read("").namespace == ""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BOOTSTRAP": "room:9092", "USER": "anna", "PASSWORD": "geheim"}.items():
        monkeypatch.setenv(f"ECOMKAFKA_{name}", value)


@pytest.mark.usefixtures("account")
def test_a_user_s_namespace_lies_below_the_user_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.read().namespace == "anna"
    assert Settings.read("shop").namespace == "anna.shop"
    monkeypatch.setenv("ECOMKAFKA_NAMESPACE", "anna.two")
    assert Settings.read().namespace == "anna.two"


@pytest.mark.usefixtures("account")
def test_the_account_is_used_on_its_own_cluster_only() -> None:
    """Another one, as a lesson's private broker, is not told the password."""
    there, elsewhere = Cluster.of("room:9092", "shop-1"), Cluster.of("127.0.0.1:9092", "shop-1")
    assert (there.user, there.password, there.namespace) == ("anna", "geheim", "anna.shop-1")
    assert (elsewhere.user, elsewhere.password, elsewhere.namespace) == ("", "", "shop-1")


@pytest.mark.usefixtures("account")
def test_nothing_shows_the_password() -> None:
    assert "geheim" not in f"{Settings.read()!r} {Cluster.of('room:9092')!r}"


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("name", ["BOOTSTRAP", "PASSWORD"])
def test_half_an_account_is_named_with_what_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(f"ECOMKAFKA_{name}")
    with pytest.raises(SettingError, match=f"^ECOMKAFKA_USER: 'anna' needs ECOMKAFKA_{name}"):
        Settings.read()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_SMTP", " ")
    assert Settings.read().smtp == ""


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("BOOTSTRAP", "kafka", "host:port"),
        ("BOOTSTRAP", "kafka:9092,second", "host:port"),
        ("BOOTSTRAP", "http://kafka:9092", "host:port"),
        ("NAMESPACE", "a b", "letters, digits"),
        ("NAMESPACE", "a" * 101, "at most 100"),
        ("NAMESPACE", "../x", "letters, digits"),
        ("USER", "an na", "letters, digits"),
        ("PROFILE", "prod", "development or production"),
        ("PROXY", "proxy:3128", "http://host:port"),
        ("SMTP", "mail", "host:port"),
        ("SMTP", "mail:0", "host:port"),
        ("SMTP", "mail:99999", "host:port"),
        ("SQL", "mysql://db/shop", "postgresql+psycopg://"),
        ("SQL", "orders.db", "sqlite:///orders.db"),
        ("SQL", "postgresql:nonsense", "postgresql+psycopg://"),
        ("SQL", "postgresql+psycopg://db:port/shop", "postgresql+psycopg://"),
        ("SQL", "sqlite:/orders.db", "sqlite:///orders.db"),
        ("SQL", "sqlite://orders.db", "sqlite:///orders.db"),
        ("PAYMENTS", "/no/such/folder/ledger", "a folder that exists"),
        ("METRICS", "0", "a port from 1"),
        ("METRICS", "65535", "a port from 1 to 65,530"),
        ("LISTEN", "localhost", "an address of this machine"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(f"ECOMKAFKA_{name}", value)
    with pytest.raises(SettingError) as caught:
        Settings.read()
    sentence = str(caught.value)
    assert sentence.startswith(f"ECOMKAFKA_{name}: ")
    assert value.split(",")[-1] in sentence
    assert allowed in sentence


def test_a_bad_option_is_not_blamed_on_a_variable() -> None:
    with pytest.raises(ValueError, match=r"^namespace 'a b'"):
        Settings.read("a b")


@pytest.mark.parametrize("password", ["secret", "se/cret", "se:cret"])
def test_a_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("ECOMKAFKA_SQL", f"mysql://shop:{password}@db/shop")
    with pytest.raises(SettingError, match=r"shop:\*\*\*@db"):
        Settings.read()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///orders.db",
        "sqlite:////srv/orders.db",
        "postgresql://db/shop",
        "postgresql+psycopg://ann:p:/@db:5432/shop?sslmode=require",
        "postgresql+psycopg://ann@[::1]:5432/shop",
        "postgresql+psycopg:///shop?host=/run/postgresql",
    ],
)
def test_every_way_to_write_a_database_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ECOMKAFKA_SQL", url)
    assert Settings.read().sql == url
    open_engine(url).dispose()


def test_the_read_model_s_database_lies_in_a_home_of_any_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / ("Ü 张ı, a:b@ %41#=\\ why?  " if os.name != "nt" else "Ü 张ı, a@ %41#=")
    monkeypatch.setenv("ECOMKAFKA_HOME", str(folder))
    open_engine(Settings.read().sql).connect().close()
    assert (folder / "orders.sqlite").is_file()


def test_a_home_that_is_a_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("ECOMKAFKA_HOME", str(file))
    with pytest.raises(BrokerError, match=r"file.*ECOMKAFKA_HOME"):
        Settings.read()
