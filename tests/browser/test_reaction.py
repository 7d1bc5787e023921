"""How long it takes from a click to a change on the screen, in a shop that is busy: measured inside the page."""

import json
import os
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Locator

from ecomkafka.runtime.broker import Broker
from ecomkafka.runtime.clients import Cluster
from tests.browser.conftest import Picture
from tests.browser.customers import ordering
from tests.browser.lab_page import LabPage

RATE = "ECOMKAFKA_BROWSER_RATE"
"""Environment variable: orders a second, instead of those of CI's slow machines."""

MODEST_RATE = 50
LIMIT_MS = 5_000
CLICKS = 10
NAMESPACE = "reaction"

CELLS = (
    f"""
from ecomkafka.lab.shop import Shop
from ecomkafka.lab.widgets import OrderDesk
from ecomkafka.runtime import broker
from ecomkafka.runtime.clients import Cluster

shop = Shop(Cluster.of(broker.bootstrap(), "{NAMESPACE}")).start()
""",
    "OrderDesk(shop)",
    "sum(row.status != 'PENDING' for row in shop.read_model.orders())",
)

WATCH = """panel => {
  const told = () => panel.querySelector('[role=status]').textContent;
  const before = told();
  window.reaction = null;
  let clicked = null;
  document.addEventListener('click', () => { clicked = performance.now(); }, {capture: true, once: true});
  const observer = new MutationObserver(() => {
    if (clicked === null || told() === before) return;
    observer.disconnect();
    requestAnimationFrame(() => { window.reaction = performance.now() - clicked; });
  });
  observer.observe(panel, {subtree: true, childList: true, characterData: true});
}"""


def reaction(lab: LabPage, panel: Locator, button: str) -> float:
    """Milliseconds from a click on `button` until the panel's status line says something else."""
    panel.evaluate(WATCH)
    panel.get_by_role("button", name=button).click()
    seen = lab.page.wait_for_function("() => window.reaction")
    return float(seen.json_value())


def test_a_click_is_answered_while_orders_go_through(
    lab: LabPage, broker: Broker, picture: Picture, pictures: Path
) -> None:
    lab.open(CELLS)
    lab.run_all()
    panel = lab.output(1)
    panel.get_by_label("Headset").fill("1")
    cluster = Cluster.of(broker.bootstrap, NAMESPACE)
    with ordering(cluster, rate=float(os.environ.get(RATE, MODEST_RATE))):
        started, before = time.monotonic(), int(lab.run_cell(2))
        reactions = [reaction(lab, panel, "Place order") for _ in range(CLICKS)]
        ended = (int(lab.run_cell(2)) - before) / (time.monotonic() - started)
        picture("order_desk_in_a_busy_shop")
    figures = {"ms": sorted(map(round, reactions)), "median ms": median(reactions), "orders ended a second": ended}
    (pictures / "reaction.json").write_text(json.dumps(figures), encoding="utf-8")
    assert ended > 0
    assert max(reactions) < LIMIT_MS, figures
