"""`python -m benchmarks.patient_analytics INSTANCE`: the analytics service, for which nothing is late."""

import sys

from ecomkafka.domain.windows.closing_and_lateness import UNBOUNDED
from ecomkafka.operations.serve import MAKERS, serve
from ecomkafka.operations.system import cluster_of
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.settings import Settings


def main(instance: str) -> None:
    settings = Settings.read()
    MAKERS["analytics"] = lambda _, cluster, name, __: AnalyticsService(cluster, name, allowed_lateness=UNBOUNDED)
    serve("analytics", instance, cluster_of(settings), settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
