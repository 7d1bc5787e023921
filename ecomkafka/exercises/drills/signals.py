"""What other people's tools would show of a shop: its metrics as Prometheus reads them, an order's spans."""

import urllib.request
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ecomkafka.clients import Cluster
from ecomkafka.dataframes import DataFrame, dataframe
from ecomkafka.shop.trace import spans_of

ANSWER_SECONDS = 8.0

_NO_NEWS = ("_created", "_bucket")
"""Ends of names: when a counter began, and the single buckets."""


def metrics(urls: Sequence[str], name: str) -> DataFrame:
    """One row per number of the shop's metrics whose name has `name` in it; a process that does not answer has one."""
    rows = [row for url in urls for row in _page(url) if name in row[0]]
    return dataframe(rows, ["metric", "of", "value"])


def _page(url: str) -> Iterator[tuple[str, str, object]]:
    from prometheus_client.parser import text_string_to_metric_families  # only where metrics are wanted

    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
            text = answer.read().decode()
    except OSError as error:
        yield "ecomkafka_ (no answer)", urlsplit(url).netloc, f"{getattr(error, 'reason', error)}"
        return
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("ecomkafka_") and not sample.name.endswith(_NO_NEWS):
                yield sample.name, ", ".join(f"{key}={value}" for key, value in sample.labels.items()), sample.value


def spans(cluster: Cluster, order_id: str) -> DataFrame:
    """One row per span of the order's trace, in milliseconds since the order.

    Raises LookupError if no record of the order is there.
    """
    found = spans_of(cluster, order_id)
    begin = min(span.start for span in found)
    rows = [(s.service, s.name, s.start - begin, s.end - begin, s.error or "") for s in found]
    return dataframe(rows, ["service", "name", "start", "end", "error"])
