"""Quiescence: whether the shop has nothing left to do; before that no invariant need hold."""

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import lags
from ecomkafka.clients.reader import read
from ecomkafka.domain.saga import Saga
from ecomkafka.engine.changelog import table
from ecomkafka.flow import HOPS
from ecomkafka.gateways.order_projection import TOPIC
from ecomkafka.gateways.order_queries import OrderQueries
from ecomkafka.gateways.order_store import OrderStore
from ecomkafka.invariants.open_transactions import open_transactions


def is_quiet(cluster: Cluster, orders: OrderQueries) -> bool:
    """Nobody is behind, no transaction and no saga is open, and SQL has every order event. Raises SQLAlchemyError."""
    if any(lag.lag for lag in lags(cluster)) or open_transactions(cluster):
        return False
    if any(not saga.closed for saga in table(cluster, HOPS["order"], Saga).values()):
        return False
    reached = OrderStore(orders.engine, orders.namespace, TOPIC).offsets()
    return all(reached.get(record.partition, 0) > record.offset for record in read(cluster, TOPIC))
