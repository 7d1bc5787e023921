"""Grafana's dashboard against the code: there is no Grafana here, so names are compared."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.metric_names import asked_for, exported
from tools.draw_dashboard import FILE, drawn

ROOT = Path(__file__).parents[3]
BOARD: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
QUERIES: list[str] = [target["expr"] for panel in PANELS for target in panel["targets"]]


def test_it_is_drawn_as_it_is_told() -> None:
    assert FILE.read_text(encoding="utf-8") == drawn(), "run .venv/bin/python tools/draw_dashboard.py"


def test_every_panel_asks_for_metrics_that_are_there_and_none_is_forgotten() -> None:
    asked = [asked_for(query) for query in QUERIES]
    assert all(asked)
    assert frozenset().union(*asked) == exported()


def test_its_data_source_is_the_one_that_compose_gives_it() -> None:
    (source,) = yaml.safe_load((ROOT / "deploy/grafana/datasources.yml").read_text(encoding="utf-8"))["datasources"]
    for panel in PANELS:
        assert panel["datasource"] == {"type": source["type"], "uid": source["uid"]}
        assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])


def test_no_two_panels_lie_on_each_other() -> None:
    cells = [
        (place["x"] + x, place["y"] + y)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for x in range(place["w"])
        for y in range(place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
