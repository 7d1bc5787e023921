"""Run as a program: a service as in a chaos run, but the saga stands still at its first record."""

import sys
import threading

from ecomkafka.chaos import observable_service
from ecomkafka.services.order import OrderService


class Standing(OrderService):
    def handle(self, record, state):
        self.stands_here_for_ever()

    def stands_here_for_ever(self):
        threading.Event().wait()


if __name__ == "__main__":
    OrderService.handle = Standing.handle
    OrderService.stands_here_for_ever = Standing.stands_here_for_ever
    observable_service.main(*sys.argv[1:])
