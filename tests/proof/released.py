"""The last released version's package, taken from its commit: it runs beside the one that is tested."""

import io
import subprocess
import tarfile
from pathlib import Path

from ecomkafka.contracts.releases import load

ROOT = Path(__file__).parents[2]


def unpack_last_release(folder: Path) -> Path:
    """Write the package `ecomkafka` of the last release to `folder`; returns the folder.

    Raises RuntimeError if this clone has not its commit.
    """
    release = load(ROOT / "schemas")[-1]
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", release.commit, "ecomkafka"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"{release.name} is commit {release.commit}: {said}; 'git fetch --unshallow' brings it")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder
