"""The same windows on Apache Spark, a cluster engine: the query, a session, a cluster of workers. It needs the extra
`spark` (PySpark, 485 MB) and fetches 10 MB of jars at its first use.
"""

from ecomkafka.spark.session import session
from ecomkafka.spark.standalone import StandaloneCluster

__all__ = ["StandaloneCluster", "session"]
