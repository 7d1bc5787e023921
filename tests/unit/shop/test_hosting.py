"""Whom a shop asks about its services: those that work in it now."""

from ecomkafka.clients import Cluster
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.inventory import InventoryService
from ecomkafka.shop.hosting import Threads

CLUSTER = Cluster.of("localhost:9092")


def test_a_service_in_the_place_of_another_is_the_one_that_is_told_of():
    services = [InventoryService(CLUSTER), AnalyticsService(CLUSTER)]
    crew = Threads(lambda: services)
    crew.parts(services)
    services[1] = other = AnalyticsService(CLUSTER, "b")
    assert other in crew.workers
    assert crew.health() == "inventory-0 new; analytics-b new"


def test_an_instance_that_has_joined_is_told_of_too():
    crew = Threads(lambda: [InventoryService(CLUSTER)])
    crew.joined = (InventoryService(CLUSTER, "1"),)
    assert crew.health() == "inventory-0 new; inventory-1 new"
