"""Pure rules of the shop: no Kafka, no threads, no clock, no randomness, no I/O."""
