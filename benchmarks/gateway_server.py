"""`python -m benchmarks.gateway_server PORT`: a gateway that holds nobody back, and whose read model knows nothing."""

import signal
import sys
import threading
from contextlib import suppress

from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.sql_tables import METADATA
from ecomkafka.http_api.limits import Limits
from ecomkafka.http_api.server import Gateway
from ecomkafka.machine.open_files import allow_open_files
from ecomkafka.operations.processes import registered
from ecomkafka.operations.system import cluster_of
from ecomkafka.services.order import OrderService
from ecomkafka.settings import Settings

LIMITS = Limits(rate=1_000_000, burst=1_000_000)
INSTANCE = "bench"


def main(port: int) -> None:
    settings = Settings.read()
    cluster = cluster_of(settings)
    allow_open_files(2 * int(LIMITS.connections))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    queries = OrderQueries(settings.sql, cluster.namespace)
    METADATA.create_all(queries.engine)
    with (
        suppress(KeyboardInterrupt),
        registered("gateway", INSTANCE, cluster.namespace, ",".join(cluster.bootstrap)) as ready,
        Gateway(OrderService(cluster, INSTANCE), queries, port=port, limits=LIMITS, metrics=bool(settings.metrics)),
    ):
        ready()
        threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
