"""The order desk in JupyterLab: what a customer does with mouse and keyboard, and what is seen of it."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Picture
from tests.browser.lab_page import LabPage

CELLS = (
    "from ecomkafka.shop import Shop\nfrom ecomkafka.widgets import OrderDesk\n\nshop = Shop().start()",
    "OrderDesk(shop)",
)


def test_an_order_is_placed_and_seen_confirmed(lab: LabPage, picture: Picture) -> None:
    lab.open(CELLS)
    lab.run_all()
    page = lab.page
    page.get_by_role("spinbutton", name="Laptop").fill("2")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Total: 1999.98")).to_be_visible()
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("status").filter(has_text="placed")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("ORD-0001.*customer-1.*1999.98.*CONFIRMED"))
    expect(row).to_be_visible()
    picture("order_desk")
