"""The world outside Kafka: mail, payment and SQL."""
