"""`clean` deletes what is the shop's own, and nothing that lies beside it."""

import os
from pathlib import Path

import pytest

from ecomkafka.cli.system import clean as command
from ecomkafka.gateways.payment import LedgerGateway
from ecomkafka.operations.system import clean
from ecomkafka.settings import Settings

JOURNALS = ("", "-wal", "-shm", "-journal")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("ECOMKAFKA_") and name != "ECOMKAFKA_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ECOMKAFKA_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def written(*files: Path) -> set[Path]:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine", encoding="utf-8")
    return set(files)


def cleaned(folder: Path) -> set[Path]:
    """The files that `clean` has left in the folder, but for its own locks."""
    clean(Settings.read())
    return {path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


@pytest.mark.parametrize("name", ["pay", "pay[1].db", "*", "?", "pay.db"])
def test_of_a_folder_of_other_files_only_the_ledger_and_its_journals_go(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = home.parent / "office"
    others = written(*(folder / other for other in ("payroll.xlsx", "pay1.db", "pay.db.bak", "pay[1].db2", "x-wal")))
    written(*(folder / f"{name}{journal}" for journal in JOURNALS))
    monkeypatch.setenv("ECOMKAFKA_PAYMENTS", str(folder / name))
    assert cleaned(folder) == others


def test_a_ledger_in_use_goes_with_its_journals(home: Path) -> None:
    with LedgerGateway(Settings.read().payments) as ledger:
        ledger.void("ORD-1")
        assert len(list(home.glob("payments.sqlite*"))) == 3
        assert cleaned(home) == set()


def test_a_home_that_is_somebody_s_project_folder_keeps_what_is_not_the_shop_s(home: Path) -> None:
    others = written(
        home / "data" / "sales.csv",
        home / "data" / "brokers" / "list.txt",
        home / "logs" / "reorder-0.log",
        home / "logs" / "order-0.txt",
        home / "logs" / "training.log",
        home / "mailbox" / "letters.mbox",
        home / "orders.sqlite.bak",
    )
    written(
        home / "data" / "brokers-1" / "node-1" / "kafka.log",
        home / "data" / "brokers-3" / "node-2" / "kafka.log",
        home / "data" / "registry" / "schemas.mv.db",
        home / "logs" / "order-0.log",
        home / "logs" / "team.a~read-model-0.log",
        home / "mailbox" / "new" / "1.mail",
        home / "orders.sqlite",
    )
    assert cleaned(home) == others


def test_the_command_says_that_a_ledger_elsewhere_goes_too(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECOMKAFKA_PAYMENTS", str(home.parent / "ledger"))
    command(yes=True)
    assert capsys.readouterr().out == f"deleted all data in {home}, and the ledger {home.parent / 'ledger'}\n"
