"""A child process for which rights of files count, also where the tests run as root, to whom they do not apply."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2


def bound_by_rights() -> Callable[[], None] | None:
    """For `preexec_fn`: root gives up its power over files (Linux); anybody else has none."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def give_up() -> None:
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "root could not give up its power over files")

    return give_up


def read_only(folder: Path) -> None:
    """Nobody may write a folder in there; the files may be links to others' and stay as they are."""
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        path.chmod(0o555)


def writable(folder: Path) -> None:
    """So that it can be deleted."""
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        path.chmod(0o755)
