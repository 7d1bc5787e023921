"""The world outside Kafka: mail and payment."""
