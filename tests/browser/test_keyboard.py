"""The shop floor in JupyterLab without a mouse: an order is placed, and its saga looked at."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Picture
from tests.browser.lab_page import LabPage

CELLS = (
    "from ecomkafka.shop import Shop\nfrom ecomkafka.widgets import ShopFloor\n\nshop = Shop().start()",
    "ShopFloor(shop)",
)

FAR = 30
"""So many keys at most from one control to the other."""


def walk(page: Page, key: str, target: Locator) -> None:
    """Press `key` until the focus is on `target`."""
    expect(target).to_be_visible()
    for _ in range(FAR):
        if target.evaluate("control => control === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{FAR} times {key}, and the focus is not on {target}")


def test_an_order_is_placed_and_its_saga_read_by_keyboard_alone(lab: LabPage, picture: Picture) -> None:
    lab.open(CELLS)
    lab.run_all()
    page = lab.page
    walk(page, "Tab", page.get_by_role("textbox", name="Customer"))
    page.keyboard.type("eve")
    walk(page, "Tab", page.get_by_role("spinbutton", name="Mouse"))
    page.keyboard.type("3")
    walk(page, "Tab", page.get_by_role("button", name="Place order"))
    page.keyboard.press("Space")
    expect(page.get_by_role("row", name=re.compile("ORD-0001 .*eve.* 89.97 .*CONFIRMED"))).to_be_visible()
    picture("floor_by_keyboard")
    walk(page, "Shift+Tab", page.get_by_role("tab", name="Order desk", exact=True))
    walk(page, "ArrowRight", page.get_by_role("tab", name="Saga", exact=True))
    page.keyboard.press("Enter")
    walk(page, "Tab", page.get_by_role("button", name="Step back"))
    expect(page.get_by_role("img", name=re.compile("ORD-0001, 9 records"))).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name=re.compile("ORD-0001, 8 records"))).to_be_visible()
    picture("saga")
