"""A schema registry (Apicurio) on the Java that runs Kafka, its client, and messages that carry a schema's id."""
