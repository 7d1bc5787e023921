"""The Java machine (JVM) inside of this process. It starts once: a process can't start a second one, nor end it."""

import os
from pathlib import Path
from typing import Any

from ecomkafka.broker.cached_jars import cached
from ecomkafka.broker.jars import LOCK, Jar, Lock
from ecomkafka.broker.java import find_java
from ecomkafka.broker.jvm_options import LANGUAGE, environment
from ecomkafka.machine.environment import changed_environment
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.home import cache
from ecomkafka.machine.progress_bar import Report
from ecomkafka.streams.java_folder import java_folder

STREAMS = Lock(
    f"streams-{LOCK.version}",
    (
        Jar(
            f"org.apache.kafka:kafka-streams:{LOCK.version}",
            2_277_950,
            "bd73f3805e116f711e8456ee89a8a5b43ff5dcf5a5bb865afae29deae89e7c4b",
        ),
        Jar(
            f"org.apache.kafka:kafka-streams-test-utils:{LOCK.version}",
            66_449,
            "e84547c830b86dffdc4f5556d9d58fd1de5020a820b0de34d837b27aa4452d8c",
        ),
        Jar(
            "org.slf4j:slf4j-nop:1.7.36",
            3_946,
            "c214958b07816cb4412b30c7bdbd4308ffdc6ba2a83767b8f3a9229cbd9274d6",
        ),
    ),
    "Kafka Streams",
    "ecomkafka.streams.start_java()",
)
"""RocksDB's jar (73 MB) is left out: every store is in memory."""

SHARED = ("kafka-clients", "jackson-", "lz4-java", "zstd-jni", "snappy-java", "slf4j-api")
"""What Streams needs of the jars that the broker has."""

OPTIONS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-Xrs",
    "-XX:+DisableAttachMechanism",
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    *LANGUAGE,
)
"""`-Xrs` leaves SIGTERM to Python: when Java ends the process, JPype crashes.

With it Java would wait for debuggers at a socket in the system's temporary folder, and leave that there; performance
data would be there, too.
"""
_LIBRARIES = ("libjvm.so", "libjvm.dylib", "jvm.dll")


def start_java(report: Report | None = None) -> None:
    """Start the Java machine, unless it runs; from then on `from org.apache.kafka.streams import …` works.

    Raises BrokerError if JPype, Java or a jar is missing, if the cache has a name that Java can't read, or if this
    process has shut its Java machine down.
    """
    jpype = _jpype()
    if jpype.isJVMStarted():
        return
    if "%" in str(cache()):
        raise BrokerError(
            f"the cache {cache()} has '%' in it, which JPype can't read: point ECOMKAFKA_CACHE at another folder"
        )
    shared = [path for path in cached(report=report) if path.name.startswith(SHARED)]
    library, classpath = str(_library()), [str(path) for path in (*cached(STREAMS, report), *shared)]
    options = (*OPTIONS, f"-Djava.io.tmpdir={java_folder()}")
    own = environment()
    try:
        # As each JVM is started. With `interrupt=False` Ctrl-C and the stop button stay Python's.
        with changed_environment({name: own.get(name) for name in os.environ.keys() | own}):
            jpype.startJVM(library, *options, classpath=classpath, convertStrings=True, interrupt=False)
    except OSError as error:  # JPype says so: it was shut down, or Java found no memory
        raise BrokerError(
            f"Java does not start in this process ({error}): start a new one, or restart the kernel"
        ) from error


def _jpype() -> Any:
    try:
        import jpype  # whoever does without streams does without it
        import jpype.imports
    except ImportError as error:
        raise BrokerError("JPype is missing: pip install 'ecomkafka[streams]'") from error
    return jpype


def _library() -> Path:
    """The Java machine as a library, of the Java that runs the broker."""
    home = find_java().executable.resolve().parents[1]
    for name in _LIBRARIES:
        if found := next(home.rglob(name), None):
            return found
    raise BrokerError(f"no {' or '.join(_LIBRARIES)} below {home}: unset ECOMKAFKA_JAVA to use the Java of ecomkafka")
