"""`python -m benchmarks.service SERVICE INSTANCE`: one service as `ecomkafka serve` runs it, but no mail is sent."""

import sys

from ecomkafka import logs
from ecomkafka.gateways.mail import CountingMailer
from ecomkafka.operations.serve import MAKERS, serve
from ecomkafka.operations.system import cluster_of
from ecomkafka.services.notification import NotificationService
from ecomkafka.settings import Settings


def main(service: str, instance: str) -> None:
    settings = Settings.read()
    MAKERS["notification"] = lambda _, cluster, name, __: NotificationService(cluster, name, mailer=CountingMailer())
    handler = logs.to_stream(sys.stdout, json=True)
    try:
        serve(service, instance, cluster_of(settings), settings)
    finally:
        logs.detach(handler)


if __name__ == "__main__":
    main(*sys.argv[1:])
