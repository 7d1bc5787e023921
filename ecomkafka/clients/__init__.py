"""Kafka from Python: every producer, consumer and admin client, transactions, groups, readers."""

from ecomkafka.clients.kafka_cluster import Cluster as Cluster
