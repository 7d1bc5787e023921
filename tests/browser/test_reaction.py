"""How long it takes from a click to a change on the screen, in a shop that is busy: measured inside the page."""

import json
import os
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Locator

from tests.browser.conftest import Picture
from tests.browser.lab_page import LabPage

PROCESSES = "ECOMKAFKA_BROWSER_PROCESSES"
"""Environment variable: with 1 each service is a process of its own, and the kernel has only the panels to work for."""

RATE = 500
"""Orders a second; a slow machine ends fewer, and is no less busy."""

CLICKS = 20

PANELS = "OrderDesk", "SagaView", "ControlRoom", "WindowsPanel", "MailboxPanel", "InvariantsBoard", "TopicsBrowser"
DESK, TOPICS, ENDED = 1, len(PANELS), len(PANELS) + 2
CELLS = (
    f"""
from ecomkafka.shop import Shop
from ecomkafka.waiting import until
from ecomkafka.widgets import {", ".join(PANELS)}

shop = Shop(processes={os.environ.get(PROCESSES) == "1"}).start()
""",
    *(f"{panel.lower()} = {panel}(shop)\n{panel.lower()}" for panel in PANELS),
    f"""
def ended():
    "Each order that ends asks for one mail."
    return orderdesk.feed.counts()["notifications.requests"]


controlroom.outside.generator.rate = {RATE}
until(lambda: ended() > {3 * RATE}, 60, "the orders of three seconds")
""",
    "ended()",
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


def reaction(panel: Locator, button: str) -> float:
    """Milliseconds from a click on `button` until the panel's status line says something else."""
    panel.evaluate(WATCH)
    panel.get_by_role("button", name=button).click()
    return float(panel.page.wait_for_function("() => window.reaction").json_value())


def test_a_click_is_answered_while_orders_go_through(lab: LabPage, picture: Picture, pictures: Path) -> None:
    """With all seven panels on one page, none of them behind a tab."""
    lab.open(CELLS)
    lab.run_all()
    desk, topics = lab.output(DESK), lab.output(TOPICS)
    desk.get_by_role("spinbutton", name="Headset").fill("1")
    started, before = time.monotonic(), int(lab.run_cell(ENDED))
    placed = [reaction(desk, "Place order") for _ in range(CLICKS)]
    shown = [reaction(topics, "Show records") for _ in range(CLICKS)]
    picture("all_panels_in_a_busy_shop")
    ended = (int(lab.run_cell(ENDED)) - before) / (time.monotonic() - started)
    figures = {"place order": told(placed), "show records": told(shown), "orders ended a second": round(ended)}
    (pictures / "reaction.json").write_text(json.dumps(figures), encoding="utf-8")
    assert ended > 0
    assert min(*placed, *shown) > 0, figures


def told(reactions: list[float]) -> dict[str, int]:
    return {"median ms": round(median(reactions)), "most ms": round(max(reactions))}
