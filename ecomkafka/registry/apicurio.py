"""Apicurio Registry's program: fetched by jgo, checked against its checksum, unpacked once per machine."""

import shutil
import tarfile
from pathlib import Path

from ecomkafka.broker.cached_jars import cached, locked_folder, named
from ecomkafka.broker.jars import Jar, Lock
from ecomkafka.machine.home import cache
from ecomkafka.machine.progress_bar import Report, reporting

VERSION = "3.3.3"
APICURIO = Lock(
    f"apicurio-{VERSION}",
    (
        Jar(
            f"io.apicurio:apicurio-registry-app:{VERSION}:all",
            158_577_952,
            "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63",
            packaging="tar.gz",
        ),
    ),
    "Apicurio Registry",
    "ecomkafka registry up",
)


def program(report: Report | None = None) -> Path:
    """The jar that starts the registry; the first use fetches 159 MB. Raises BrokerError if they can't be had."""
    folder = cache() / APICURIO.version
    if not folder.exists():
        with reporting(report) as progress:
            (archive,) = cached(APICURIO, progress)
            with named(folder), locked_folder(cache(), APICURIO.program):
                if not folder.exists():
                    progress("unpacking Apicurio Registry", 0.0)
                    _unpack(archive, folder)
    return folder / "quarkus-run.jar"


def _unpack(archive: Path, folder: Path) -> None:
    """All of it or nothing: another name until the last file is there."""
    partial = folder.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)  # of one that was killed
    with tarfile.open(archive) as files:
        files.extractall(partial, filter="data")
    partial.rename(folder)
