"""The rules for Prometheus against the code and the runbook. `tests/proof/test_alerts.py` lets them fire."""

import re
from pathlib import Path
from typing import Any

import yaml

from ecomkafka.http_api.server import HOST
from ecomkafka.operations.serve import MAKERS
from tests.metric_names import asked_for, exported

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "prometheus"


def parsed(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


RULES = {rule["alert"]: rule for group in parsed("rules.yml")["groups"] for rule in group["rules"]}


def test_rules_ask_for_metrics_that_are_there() -> None:
    for name, rule in RULES.items():
        metrics = asked_for(rule["expr"])
        assert metrics, name
        assert metrics <= exported(), name


def test_each_alert_has_its_line_in_the_runbook_with_its_severity() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| `([A-Z]\w+)` \| (page|ticket) \| .+ \| .+ \|$", page, re.MULTILINE)
    assert lines == [(name, rule["labels"]["severity"]) for name, rule in RULES.items()]


def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    cases = [case for test in parsed("rules_test.yml")["tests"] for case in test["alert_rule_test"]]
    fires = {case["alertname"] for case in cases if case["exp_alerts"]}
    assert fires == {case["alertname"] for case in cases if not case["exp_alerts"]} == RULES.keys()


def test_prometheus_asks_every_service_at_its_port() -> None:
    (job,) = parsed("prometheus.yml")["scrape_configs"]
    assert job["job_name"] == "ecomkafka"
    assert f'job="{job["job_name"]}"' in RULES["ServiceDown"]["expr"]
    targets = [target for config in job["static_configs"] for target in config["targets"]]
    assert targets == [*(f"{service}:{port}" for port, service in enumerate(MAKERS, 9101)), "gateway:8000"]
    (here,) = parsed("this_machine.yml")["scrape_configs"]
    named = [(config["targets"], config["labels"]["instance"]) for config in here["static_configs"]]
    assert named == [([f"127.0.0.1:{port}"], service) for port, service in enumerate(MAKERS, 9101)]
    assert here["job_name"] == job["job_name"]
    assert HOST == "127.0.0.1"  # in a container ECOMKAFKA_LISTEN says otherwise
