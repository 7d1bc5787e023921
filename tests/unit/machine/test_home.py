"""Which folders are taken, and the sentence for what can't be one."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import runs_programs
from ecomkafka.machine.home import cache, home


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ECOMKAFKA_HOME", "ECOMKAFKA_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("empty", ["", " ", "\t"])
def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, empty: str) -> None:
    before = home(), cache()
    monkeypatch.setenv("ECOMKAFKA_HOME", empty)
    monkeypatch.setenv("ECOMKAFKA_CACHE", empty)
    assert (home(), cache()) == before


def test_a_tilde_is_the_users_folder_and_a_dangling_link_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "later" / "here")
    monkeypatch.setenv("ECOMKAFKA_HOME", "~/my files ")
    monkeypatch.setenv("ECOMKAFKA_CACHE", "~/link")
    assert (home(), cache()) == (tmp_path / "my files ", tmp_path / "later" / "here")
    assert (tmp_path / "link").is_dir()


def test_a_user_without_a_home_folder_is_told_what_to_set(tmp_path: Path) -> None:
    """As in a container that is run under a number: no HOME, and no entry in the list of users."""
    code = (
        "import os, pwd\n"
        "def nobody(_): raise KeyError\n"
        "pwd.getpwuid = nobody\n"
        "from ecomkafka.machine.home import cache, home\n"
        "print(cache())\n"
        "home()"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("HOME", "ECOMKAFKA_HOME")}
    environment["ECOMKAFKA_CACHE"] = str(tmp_path)
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert "this user has no home folder: set HOME, or point ECOMKAFKA_HOME and ECOMKAFKA_CACHE" in done.stderr
    assert done.stdout == f"{tmp_path}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_not_utf_8_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_HOME", f"{tmp_path}/" + os.fsdecode(b"\xfcber"))
    with pytest.raises(BrokerError, match=r"xfcber.* is a folder whose name is not UTF-8"):
        home()


def test_a_disk_that_runs_no_programs_is_known_for_one() -> None:
    """Whatever disks this machine has: each is asked."""
    disks = [disk for disk in psutil.disk_partitions(all=True) if os.access(disk.mountpoint, os.R_OK | os.X_OK)]
    last = {disk.mountpoint: disk for disk in disks}  # a later one covers an earlier one
    assert {point: runs_programs(Path(point)) for point in last} == {
        point: "noexec" not in disk.opts.split(",") for point, disk in last.items()
    }
