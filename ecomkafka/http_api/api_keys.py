"""API keys: who may order, and under which name. Only hashes are kept, so that a file that leaks opens no door.

A key is random and long: nobody can guess its way back from a plain SHA-256, as one could for a password.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"([A-Za-z0-9._-]{1,40}) ([0-9a-f]{64})")


class ApiKeys:
    """Clients by name, each with the hash of its key."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = dict(hashes)

    @classmethod
    def read(cls, file: Path) -> "ApiKeys":
        """A file with a line "NAME HASH" for each client. Raises ValueError that names a line that is none."""
        hashes: dict[str, str] = {}
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            found = _LINE.fullmatch(line.strip())
            if found is None or found[1] in hashes:
                raise ValueError(f"{file}, line {number}: a new name and the SHA-256 of its key are needed")
            hashes[found[1]] = found[2]
        return cls(hashes)

    def client(self, key: str) -> str | None:
        """Whose key it is. All are compared, each in constant time: the time taken says nothing about any of them."""
        digest, found = hash_of(key), None
        for name, known in self._hashes.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def add_key(file: Path, name: str) -> str:
    """A new key for the client `name`, whose hash is added to `file`. It is told this once."""
    key = f"shop_{secrets.token_urlsafe(32)}"
    line = f"{name} {hash_of(key)}"
    if _LINE.fullmatch(line) is None:
        raise ValueError(f"name is {name!r:.80}: 1 to 40 letters, digits, '.', '_' and '-' are allowed")
    if file.exists() and name in ApiKeys.read(file)._hashes:
        raise ValueError(f"{file} has a key for {name!r} already: delete its line first")
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{line}\n")
    return key
