"""What the panels show, read from Kafka in threads."""
