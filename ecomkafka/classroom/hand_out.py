"""What a student gets: one file with the room's address, the account and the room's CA."""

from collections.abc import Sequence
from pathlib import Path

from ecomkafka.classroom.student_accounts import Account
from ecomkafka.clients import Cluster
from ecomkafka.clients.access.account import account_file
from ecomkafka.machine.private_files import write_private


def files(folder: Path, names: Sequence[str]) -> dict[str, Path]:
    """A new file for each name. Raises ValueError for a folder that is not there, or a file that is."""
    if not folder.is_dir():
        raise ValueError(f"folder {str(folder)!r:.200} is not there: make it first, or name another one")
    found = {name: folder / f"{name}.toml" for name in names}
    if there := [str(file) for file in found.values() if file.exists()]:
        raise ValueError(f"{', '.join(there)} is there already: move it away, or name another folder with --folder")
    return found


def variables(cluster: Cluster, account: Account) -> dict[str, str]:
    """What the student has to set, named without ECOMKAFKA_; `cluster` is the administrator's."""
    ca = {"CA": Path(cluster.ca).read_text(encoding="ascii")} if cluster.ca else {}
    return {"BOOTSTRAP": cluster.bootstrap[0], "USER": account.name, "PASSWORD": account.password, **ca}


def write(file: Path, values: dict[str, str]) -> None:
    """Write a student's file, for no other user of this machine to read."""
    write_private(file, account_file(values))
