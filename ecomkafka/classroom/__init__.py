"""One Kafka for a class: an account for each student, with rights to the names of that student only."""
