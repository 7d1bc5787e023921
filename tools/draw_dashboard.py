"""Write deploy/grafana/dashboards/ecomkafka.json anew: run it after a change of a panel here.

Its form is that of Grafana's JSON model; a test asks whether the code exports what each panel asks for.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).parents[1] / "deploy" / "grafana" / "dashboards" / "ecomkafka.json"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT = 8, 7
"""Of a panel; a dashboard is 24 wide."""


class Panel(NamedTuple):
    title: str
    unit: str
    queries: dict[str, str]
    """What each line is called, and what it asks for."""


def _quantile(share: float, metric: str, *labels: str) -> str:
    by = ", ".join(("le", *labels))
    return f"histogram_quantile({share}, sum by ({by}) (rate({metric}_bucket[1m])))"


def _rate(metric: str, *labels: str) -> str:
    return f"sum by ({', '.join(labels)}) (rate({metric}[1m]))" if labels else f"sum(rate({metric}[1m]))"


ROWS: dict[str, tuple[Panel, ...]] = {
    "Customers": (
        Panel("Age of the oldest open order", "s", {"age": "max(ecomkafka_oldest_saga_age_seconds)"}),
        Panel("Orders that end", "ops", {"{{end}} {{reason}}": _rate("ecomkafka_orders_ended_total", "end", "reason")}),
        Panel("Open sagas", "short", {"{{state}}": "sum by (state) (ecomkafka_sagas)"}),
        Panel(
            "Requests to the gateway",
            "reqps",
            {"{{status}}": _rate("ecomkafka_gateway_request_seconds_count", "status")},
        ),
        Panel(
            "Answer of POST /orders",
            "s",
            {
                name: f'histogram_quantile({share}, sum by (le) (rate({metric}_bucket{{path="/orders"}}[1m])))'
                for metric in ("ecomkafka_gateway_request_seconds",)
                for name, share in (("p50", 0.5), ("p99", 0.99))
            },
        ),
        Panel("Orders that wait in the gateway", "short", {"waiting": "sum(ecomkafka_gateway_waiting_orders)"}),
    ),
    "Flow": (
        Panel("Lag", "short", {"{{group}}": "sum by (group) (ecomkafka_lag_records)"}),
        Panel("Not in SQL yet", "short", {"read model": "sum(ecomkafka_read_model_lag_records)"}),
        Panel("Records handled", "ops", {"{{service}}": _rate("ecomkafka_batch_records_sum", "service")}),
        Panel("Batches", "ops", {"{{service}}": _rate("ecomkafka_batch_records_count", "service")}),
        Panel(
            "Transactions",
            "ops",
            {"{{service}} {{outcome}}": _rate("ecomkafka_transaction_seconds_count", "service", "outcome")},
        ),
        Panel("Transaction, p99", "s", {"{{service}}": _quantile(0.99, "ecomkafka_transaction_seconds", "service")}),
    ),
    "Trouble": (
        Panel(
            "Services that handle records",
            "short",
            {
                "{{service}}": "sum by (service) (ecomkafka_service_up)",
                "read model": "sum(ecomkafka_read_model_up)",
                "Kafka answers": "min(ecomkafka_kafka_up)",
            },
        ),
        Panel(
            "Recoveries and rebalances",
            "ops",
            {
                "{{service}} recovers": _rate("ecomkafka_recoveries_total", "service"),
                "{{service}} is assigned": _rate("ecomkafka_rebalances_total", "service"),
            },
        ),
        Panel("Payment's circuit", "short", {"{{state}}": "ecomkafka_payment_circuit"}),
        Panel("Mails", "ops", {"{{outcome}}": _rate("ecomkafka_mail_seconds_count", "outcome")}),
        Panel(
            "Notifications that failed",
            "ops",
            {"tried again": _rate("ecomkafka_retries_total"), "given up": _rate("ecomkafka_dead_letters_total")},
        ),
        Panel(
            "Set aside",
            "short",
            {
                "{{topic}} waiting": "max by (topic) (ecomkafka_set_aside_records)",
                "{{service}} refused": "sum by (service) (ecomkafka_quarantined_total)",
                "{{service}} skipped": "sum by (service) (ecomkafka_records_skipped_total)",
                "read model skipped": "sum(ecomkafka_read_model_skipped_total)",
            },
        ),
    ),
    "State and time": (
        Panel("What was set aside, age", "s", {"{{topic}}": "max by (topic) (ecomkafka_set_aside_oldest_age_seconds)"}),
        Panel(
            "Checkpoint and restore, p99",
            "s",
            {
                "{{service}} checkpoint": _quantile(0.99, "ecomkafka_checkpoint_seconds", "service"),
                "{{service}} restore": _quantile(0.99, "ecomkafka_restore_seconds", "service"),
            },
        ),
        Panel(
            "Watermark's delay, late events",
            "short",
            {
                "partition {{partition}}, s": "max by (partition) (ecomkafka_watermark_delay_seconds)",
                "{{topic}} late": "sum by (topic) (ecomkafka_late_events_total)",
            },
        ),
    ),
}


def drawn() -> str:
    """The dashboard as its file has it."""
    panels: list[dict[str, Any]] = []
    top = 0
    for title, row in ROWS.items():
        place = {"x": 0, "y": top, "w": 24, "h": 1}
        panels.append({"type": "row", "title": title, "id": len(panels) + 1, "gridPos": place, "panels": []})
        top += 1
        for number, panel in enumerate(row):
            place = {"x": WIDTH * (number % 3), "y": top + HEIGHT * (number // 3), "w": WIDTH, "h": HEIGHT}
            panels.append(_panel(len(panels) + 1, panel, place))
        top += HEIGHT * -(-len(row) // 3)
    board = {
        "uid": "ecomkafka",
        "title": "ecomkafka",
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "5s",
        "time": {"from": "now-15m", "to": "now"},
        "panels": panels,
    }
    return json.dumps(board, indent=1) + "\n"


def _panel(identity: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + number), "expr": query, "legendFormat": name, "datasource": SOURCE}
        for number, (name, query) in enumerate(panel.queries.items())
    ]
    return {
        "type": "timeseries",
        "title": panel.title,
        "id": identity,
        "gridPos": place,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": targets,
    }


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(drawn(), encoding="utf-8", newline="\n")
