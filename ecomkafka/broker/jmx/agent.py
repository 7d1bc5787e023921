"""The JMX exporter of Prometheus: an agent in the broker's process that shows Kafka's own metrics at a URL.

Of its ten thousand numbers `agent.yml` lets those through that matter. The lag of groups is not among them: a broker
does not know it, see `clients/groups.py`.
"""

import shutil
from importlib.resources import files
from pathlib import Path

from ecomkafka.broker.cached_jars import cached
from ecomkafka.broker.jars import Jar, Lock
from ecomkafka.machine.progress_bar import Report

HOST = "127.0.0.1"
_COPY = "metrics.jar"

JMX_EXPORTER = Lock(
    "jmx-exporter-1.0.1",
    (
        Jar(
            "io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1",
            2_886_599,
            "7d61f737fd661610ccc14aea79764faa1ea94a340cbc8f0029b3d2edea3d80c1",
        ),
    ),
    "the JMX exporter",
    "Broker(metrics=True)",
)


def fetched(report: Report | None = None) -> Path:
    """Its jar; the first use fetches it (3 MB). Raises BrokerError if it can't be fetched."""
    (jar,) = cached(JMX_EXPORTER, report)
    return jar


def option(jar: Path, port: int, folder: Path) -> str:
    """The option of a JVM that is started in `folder`, to show its metrics at this port, on loopback only.

    It uses a copy of the jar there: Java ends an agent's path at the first "=".
    """
    shutil.copyfile(jar, folder / _COPY)
    rules = Path(str(files("ecomkafka.broker.jmx").joinpath("agent.yml")))
    return f"-javaagent:{_COPY}={HOST}:{port}:{rules}"


def url(port: int) -> str:
    return f"http://{HOST}:{port}/metrics"
