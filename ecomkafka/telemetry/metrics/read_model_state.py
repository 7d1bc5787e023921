"""How the read model is, asked when Prometheus asks."""

from collections.abc import Iterator

from kafka.errors import KafkaError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ecomkafka.gateways.order_projection import TOPIC
from ecomkafka.logs import log
from ecomkafka.services.read_model import ReadModel


class ReadModelState(Collector):
    def __init__(self, read_model: ReadModel) -> None:
        self._read_model = read_model

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("ecomkafka_read_model_up", "Whether the projection runs.")
        up.add_metric([], self._read_model.state == "running")
        yield up
        yield CounterMetricFamily(
            "ecomkafka_read_model_skipped", "Records that fitted into no table.", value=self._read_model.skipped
        )
        family = GaugeMetricFamily(
            "ecomkafka_read_model_lag_records", "Records that are not in SQL yet.", labels=["topic", "partition"]
        )
        try:
            for partition, lag in self._read_model.lag().items():
                family.add_metric([TOPIC, str(partition)], lag)
        except (KafkaError, ConnectionError, TimeoutError, LookupError) as error:
            log.warning("⚠️ metrics without Kafka", error=f"{type(error).__name__}: {error}")
        yield family
