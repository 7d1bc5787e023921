"""How a service runs on Kafka: the embedded broker, the clients, the worker and its state."""
