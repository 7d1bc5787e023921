"""A Spark session: its driver is a Java machine, a child of this process that ends with the block."""

import shutil
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecomkafka.machine.environment import changed_environment
from ecomkafka.machine.errors import BrokerError
from ecomkafka.machine.folders import temporary_folder
from ecomkafka.machine.progress_bar import Report
from ecomkafka.spark.connector import connector
from ecomkafka.spark.programs import LOOPBACK, spark_home, variables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SECONDS = 30.0
_JAVA_OPTIONS = "-XX:+UseSerialGC --enable-native-access=ALL-UNNAMED"


@contextmanager
def session(master: str = "local[2]", partitions: int = 2, report: Report | None = None) -> "Iterator[SparkSession]":
    """A session that ends with the block; a process has one at a time.

    `master`: "local[2]" is two threads of the driver, `StandaloneCluster.url` is a cluster. `partitions`: of the state.
    Raises BrokerError if PySpark, Java or a jar is missing, or if Spark does not start.
    """
    spark_home()
    with ExitStack() as ends:
        folder = temporary_folder("ecomkafka-spark-")
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        spark = _started(settings(master, partitions, folder, report), folder, ends)
        ends.callback(spark.stop)
        yield spark


def settings(master: str, partitions: int, folder: Path, report: Report | None = None) -> dict[str, str]:
    """Small and quiet, on the loopback interface; nothing is left in the current folder."""
    return {
        "spark.master": master,
        "spark.app.name": "ecomkafka",
        "spark.jars": ",".join(map(str, connector(report))),
        "spark.driver.memory": "512m",
        "spark.executor.memory": "512m",
        "spark.driver.extraJavaOptions": _JAVA_OPTIONS,
        "spark.executor.extraJavaOptions": _JAVA_OPTIONS,
        "spark.driver.host": LOOPBACK,
        "spark.driver.bindAddress": LOOPBACK,
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.streaming.checkpointLocation": str(folder / "checkpoints"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(partitions),  # 200 by default: a task and a file of state for each
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }


def _started(chosen: dict[str, str], folder: Path, ends: ExitStack) -> "SparkSession":
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    # It says so at the first query, and no query here uses pandas.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)

    if SparkContext._active_spark_context is not None:
        raise BrokerError("this process has a Spark session already: use that one, or stop() it")
    conf, log = SparkConf(loadDefaults=False).setAll(list(chosen.items())), folder / "log"
    try:
        with log.open("wb") as file, changed_environment(variables(folder)):
            gateway = launch_gateway(conf, {"stdout": file, "stderr": file})
        ends.callback(_end, gateway)
        return SparkSession(SparkContext(conf=conf, gateway=gateway))
    except (PySparkException, Py4JError) as error:
        raise BrokerError(f"Spark does not start: {_last_words(log) or error}") from error


def _end(gateway: Any) -> None:
    """End the driver's Java, and wait for that."""
    from pyspark import SparkContext

    SparkContext._gateway = SparkContext._jvm = None  # else the next session would ask a Java that has ended
    gateway.shutdown()
    gateway.proc.stdin.close()  # at which it ends
    try:
        gateway.proc.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        gateway.proc.kill()
        gateway.proc.wait(_SECONDS)


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else ""
