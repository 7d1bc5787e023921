"""Metrics for Prometheus. Only who switches them on imports `prometheus_client`, which is in the extra `metrics`."""
