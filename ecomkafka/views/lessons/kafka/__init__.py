"""Figures of how Kafka itself works: topics, requests, replicas, groups, copies and transactions."""
