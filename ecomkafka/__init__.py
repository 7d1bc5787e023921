"""ecomkafka: distributed-systems patterns on a real Apache Kafka, taught by a shop that is run, broken and repaired."""
