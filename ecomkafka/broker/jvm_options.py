"""The options of every JVM: the broker's memory, its garbage collector, its language and its environment."""

import os

LANGUAGE = ("-Duser.language=en", "-Duser.country=US")
"""In Turkish the upper case of i is not I, and Kafka would not find its settings."""

JVM_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    *LANGUAGE,
)
"""Small, and quick to start: the JIT's second tier pays off only after minutes of load.

Performance data would be in the system's temporary folder, whatever `java.io.tmpdir` says. Compression is native code,
and newer Javas warn of that unless it is allowed.
"""

_OTHERS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")


def environment() -> dict[str, str]:
    """The environment of every JVM: UTF-8 paths, and none of the options that are meant for the user's own programs.

    One of them could set the language to Turkish, and `_JAVA_OPTIONS` overrides the command line.
    """
    own = {name: value for name, value in os.environ.items() if not (name in _OTHERS or name.startswith("LOG4J_"))}
    return own | {"LC_ALL": "C.UTF-8"}
