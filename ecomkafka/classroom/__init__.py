"""One Kafka for a room: an account for each student, who reaches the own names only."""
