"""A PostgreSQL of one's own: found if it is installed, run on 127.0.0.1 in a folder of its own that is deleted."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecomkafka.machine.guard import Guard

if TYPE_CHECKING:
    from psycopg import Connection

SECONDS = 60.0
_SUFFIX = ".exe" if os.name == "nt" else ""
_LIBRARIES = ("lib", "lib/postgresql*", "lib*/pgsql")
"""Beside the folder of the programs: Debian and Windows; Homebrew, Arch and Alpine; Fedora."""
_ADDRESS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "''", "fsync": "off"}
"""fsync=off: lost with the machine's power, and its folder is deleted at the end anyway."""


def programs() -> Path | None:
    """The folder of initdb and pg_ctl: the PATH's, else Debian's newest; None where PostgreSQL is not installed."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    folders = ([Path(on_path).resolve().parent] if on_path else []) + debian
    return next((folder for folder in folders if (folder / f"pg_ctl{_SUFFIX}").exists()), None)


def program(name: str) -> Path | None:
    """One of PostgreSQL's programs; None where it is not installed."""
    folder = programs()
    path = None if folder is None else folder / f"{name}{_SUFFIX}"
    return path if path is not None and path.exists() else None


def has_library(name: str) -> bool:
    """Whether the server can load it: some systems have PostgreSQL's plug-ins in a package of their own."""
    folder = programs()
    return folder is not None and any(any(folder.parent.glob(f"{place}/{name}.*")) for place in _LIBRARIES)


def version(connection: "Connection") -> str:
    number = connection.info.server_version
    return f"PostgreSQL {number // 10_000}.{number % 10_000}"


@contextmanager
def server(settings: Mapping[str, str]) -> Iterator[str]:
    """The SQLAlchemy URL of a database on a new server with these `settings`, which is stopped and deleted at the end.

    Raises RuntimeError if PostgreSQL is not installed, or if one of its programs fails.
    """
    folder = programs()
    if folder is None:
        raise RuntimeError("no PostgreSQL is installed: install it (Debian: apt-get install postgresql)")
    directory = Path(tempfile.mkdtemp(prefix="ecomkafka-postgres-"))
    # The guard deletes the directory; if this process is killed, it ends the server before.
    with Guard(directory, delete=True), _running(folder, directory, settings) as url:
        yield url


@contextmanager
def _running(folder: Path, directory: Path, settings: Mapping[str, str]) -> Iterator[str]:
    password, port = secrets.token_hex(16), _free_port()
    (directory / "password").write_text(password)
    _give_to_user(directory)

    def run(name: str, *arguments: str) -> None:
        command = [str(folder / f"{name}{_SUFFIX}"), "-D", str(directory / "data"), *arguments]
        with (directory / "output").open("ab") as output:
            done = subprocess.run(
                command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=SECONDS,
                **_as_user(),
            )  # fmt: skip
        if done.returncode:
            files = (directory / "log", directory / "output")
            text = "\n".join(file.read_text(errors="replace") for file in files if file.exists())
            raise RuntimeError(f"{name} of PostgreSQL failed with {done.returncode}:\n{text}")

    run("initdb", "-U", "ecomkafka", "-A", "scram-sha-256", "--pwfile", str(directory / "password"), "-E", "UTF8", "-N")
    options = _ADDRESS | {"port": str(port), "external_pid_file": f"'{directory / 'data' / 'pid'}'"} | dict(settings)
    given = " ".join(f"-c {name}={value}" for name, value in options.items())  # the guard looks for the pid file
    run("pg_ctl", "start", "-w", "-t", "30", "-l", str(directory / "log"), "-o", given)
    try:
        yield f"postgresql+psycopg://ecomkafka:{password}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "stop", "-w", "-t", "30", "-m", "fast")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _user() -> str | None:
    """PostgreSQL refuses to run as root: whom to run it as then."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _as_user() -> dict[str, Any]:
    user = _user()
    return {} if user is None else {"user": user, "extra_groups": []}


def _give_to_user(directory: Path) -> None:
    if user := _user():
        for path in (directory, *directory.iterdir()):
            shutil.chown(path, user)
