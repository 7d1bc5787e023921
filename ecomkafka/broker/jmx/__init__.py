"""A broker's own metrics: the JMX exporter, an agent in its Java process."""
