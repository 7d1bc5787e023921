"""A private PostgreSQL for the tests: found if it is installed, run on 127.0.0.1 in a directory of its own."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecomkafka.machine.guard import Guard

URL = "ECOMKAFKA_TEST_POSTGRES"
"""Environment variable: the URL of a PostgreSQL database to use instead of a private server."""

HOW_TO_GET = f"install PostgreSQL (Debian: apt-get install postgresql) or set {URL} to postgresql+psycopg://user:password@host/database"

_SUFFIX = ".exe" if os.name == "nt" else ""


def programs() -> Path | None:
    """The folder of initdb and pg_ctl: the PATH's, else Debian's newest; None where PostgreSQL is not installed."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    folders = ([Path(on_path).resolve().parent] if on_path else []) + debian
    return next((folder for folder in folders if (folder / f"pg_ctl{_SUFFIX}").exists()), None)


def available() -> bool:
    return URL in os.environ or programs() is not None


@contextmanager
def server() -> Iterator[str]:
    """The SQLAlchemy URL of a database; a private server is stopped and deleted at the end."""
    if URL in os.environ:
        yield os.environ[URL]
        return
    folder = programs()
    if folder is None:
        raise RuntimeError(f"no PostgreSQL is installed: {HOW_TO_GET}")
    # Not pytest's tmp_path: that lies in a directory that only root may enter when root runs the tests.
    directory = Path(tempfile.mkdtemp(prefix="ecomkafka-postgres-"))
    # The guard deletes the directory; if these tests are killed, it ends the server before.
    with Guard(directory, delete=True), _running(folder, directory) as url:
        yield url


@contextmanager
def _running(folder: Path, directory: Path) -> Iterator[str]:
    password, port = secrets.token_hex(16), _free_port()
    (directory / "password").write_text(password)
    _give_to_user(directory)

    def run(program: str, *arguments: str) -> None:
        command = [str(folder / f"{program}{_SUFFIX}"), "-D", str(directory / "data"), *arguments]
        with (directory / "output").open("ab") as output:
            done = subprocess.run(
                command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=60, **_as_user()
            )
        if done.returncode:
            files = (directory / "log", directory / "output")
            told = "\n".join(file.read_text(errors="replace") for file in files if file.exists())
            raise RuntimeError(f"{program} of PostgreSQL failed with {done.returncode}:\n{told}")

    run("initdb", "-U", "ecomkafka", "-A", "scram-sha-256", "--pwfile", str(directory / "password"), "-E", "UTF8", "-N")
    # Lost with the machine's power, but faster, and a test's database ends with the test anyway.
    options = f"-h 127.0.0.1 -p {port} -c unix_socket_directories='' -c fsync=off -c synchronous_commit=off"
    options += f" -c external_pid_file='{directory / 'data' / 'pid'}'"  # where the guard looks
    run("pg_ctl", "start", "-w", "-t", "30", "-l", str(directory / "log"), "-o", options)
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


def _as_user() -> dict[str, object]:
    user = _user()
    return {} if user is None else {"user": user, "extra_groups": []}


def _give_to_user(directory: Path) -> None:
    if user := _user():
        for path in (directory, *directory.iterdir()):
            shutil.chown(path, user)
