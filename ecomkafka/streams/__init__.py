"""Kafka Streams, driven from Python: the library's own Java classes run in this process, and Python functions pass for
Java's. It needs the extra `streams` (JPype) and fetches 2.4 MB of jars at its first use.
"""

from ecomkafka.streams.driver import driver
from ecomkafka.streams.engine import Engine
from ecomkafka.streams.java_machine import start_java

__all__ = ["Engine", "driver", "start_java"]
