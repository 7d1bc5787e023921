"""What the panels show, read from Kafka in threads, and the thread that lets them show it."""
