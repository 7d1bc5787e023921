"""The names of all metrics that the code exports, read from the code: a rule or a panel can't ask for others."""

import re
from functools import cache
from pathlib import Path

_METRICS = Path(__file__).parents[1] / "ecomkafka" / "telemetry" / "metrics"


@cache
def exported() -> frozenset[str]:
    """Each metric's name, counters with their `_total`; histograms without `_bucket`, `_sum` and `_count`."""
    source = "\n".join(file.read_text(encoding="utf-8") for file in _METRICS.glob("*.py"))
    counters = {f"ecomkafka_{name}_total" for name in re.findall(r'\bcounter\(\s*"(\w+)"', source)}
    counters |= {f"{name}_total" for name in re.findall(r'\bCounterMetricFamily\(\s*"(\w+)"', source)}
    others = {f"ecomkafka_{name}" for name in re.findall(r'\bhistogram\(\s*"(\w+)"', source)}
    others |= set(re.findall(r'\b(?:GaugeMetricFamily|Gauge|Histogram)\(\s*"(\w+)"', source))
    return frozenset(counters | others)


def asked_for(expression: str) -> frozenset[str]:
    """The metrics of ours in a query, without a histogram's endings."""
    found = re.findall(r"\becomkafka_\w+", expression)
    return frozenset(re.sub(r"_(bucket|sum|count)$", "", name) for name in found)
