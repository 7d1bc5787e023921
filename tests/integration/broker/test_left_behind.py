"""Processes and temporary folders of a program that was killed."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import psutil
import pytest
import sqlalchemy as sa

from ecomkafka.broker import Broker
from ecomkafka.broker import broker as embedded
from ecomkafka.gateways.sql_tables import open_engine
from tests.waiting import PATIENCE, eventually

CHAOS = """
from ecomkafka.chaos.process_shop import ProcessShop
with ProcessShop(("order-0",)) as shop:
    print(shop.folder, shop.services["order-0"].pid, flush=True)
    sys.stdin.read()
"""
READ_MODEL = """
from ecomkafka.gateways.sql_tables import open_engine
engine = open_engine("sqlite://")
connection = engine.connect()
print(engine.url.database, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def program(temporary: Path, code: str) -> Iterator[tuple[Popen[str], str]]:
    """It runs, and has said where its things are."""
    head = f"import sys, tempfile\ntempfile.tempdir = {str(temporary)!r}\n"
    with Popen([sys.executable, "-c", head + code], stdin=PIPE, stdout=PIPE, text=True) as child:
        assert child.stdout is not None
        yield child, child.stdout.readline().strip()
        child.kill()


def test_a_killed_chaos_run_takes_its_processes_and_its_folder_along(temporary: Path) -> None:
    with program(temporary, CHAOS) as (run, said):
        folder, _, pid = said.rpartition(" ")
        assert psutil.pid_exists(int(pid))
        assert Path(folder).is_dir()
        run.kill()
    eventually(lambda: not psutil.pid_exists(int(pid)), "the end of the service")
    eventually(lambda: not list(temporary.iterdir()), "the end of the folders")


def test_a_killed_program_s_read_model_goes_at_the_next_start_and_a_living_one_s_stays(
    temporary: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    engine = open_engine("sqlite://")
    with engine.connect() as mine, program(temporary, READ_MODEL) as (reader, database):
        embedded.up()
        assert Path(database).exists()
        reader.kill()
        reader.wait(PATIENCE)
        assert Path(database).exists()
        embedded.up()
        assert not Path(database).exists()
        mine.execute(sa.text("CREATE TABLE still (here INTEGER)"))
    engine.dispose()
    assert not list(temporary.iterdir())
