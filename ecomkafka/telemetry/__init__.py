"""What a running shop shows to other people's tools: metrics for Prometheus, traces for Zipkin and OpenTelemetry."""
