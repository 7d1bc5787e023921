"""The shop floor in JupyterLab: a hundred orders with one click, and what becomes of them on every tab."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Picture
from tests.browser.lab_page import LabPage

CELLS = (
    "from ecomkafka.shop import Shop\nfrom ecomkafka.widgets import ShopFloor\n\nshop = Shop().start()",
    "ShopFloor(shop)",
)


def test_a_hundred_orders_are_seen_on_every_tab(lab: LabPage, picture: Picture) -> None:
    lab.open(CELLS)
    lab.run_all()
    page = lab.page
    page.get_by_role("button", name="Place 100 at random").click()
    expect(page.get_by_role("status").filter(has_text="100 orders placed")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("ORD-0100 .*(CONFIRMED|CANCELLED)"))).to_be_visible()
    windows(page)
    picture("floor_windows")
    invariants(page)
    picture("floor_invariants")
    topics(page)
    picture("floor_topics")
    saga(page)
    picture("floor_saga")


def windows(page: Page) -> None:
    """The orders may fall into two of them; the table is never behind the picture."""
    page.get_by_role("tab", name="Windows").click()
    expect(page.get_by_role("img", name=re.compile("100 orders created"))).to_be_visible()
    rows = page.get_by_role("table", name="The last windows").get_by_role("row", name=re.compile(" (open|closed) "))
    assert sum(int(row.get_by_role("cell").nth(2).inner_text()) for row in rows.all()) == 100
    times = page.get_by_role("table", name="Time")
    expect(times.get_by_role("row", name=re.compile("^Late events 0 "))).to_be_visible()
    shelf = page.get_by_role("table", name="Stock")
    expect(shelf.get_by_role("row", name=re.compile("^MOUSE-001 "))).to_be_visible()
    expect(shelf.get_by_role("row", name="MOUSE-001 200 0 200")).to_have_count(0)


def invariants(page: Page) -> None:
    page.get_by_role("tab", name="Invariants").click()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="All 8 hold")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("✅ holds"))).to_have_count(8)


def topics(page: Page) -> None:
    page.get_by_role("tab", name="Topics").click()
    page.get_by_role("combobox", name="Topic", exact=True).select_option("orders.events")
    page.get_by_role("textbox", name="Key").fill("ORD-0007")
    page.get_by_role("button", name="Show records").click()
    expect(page.get_by_role("status").filter(has_text="2 records of orders.events")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("ORD-0007 ORDER_CREATED"))).to_be_visible()
    page.get_by_role("listbox", name="Record").select_option(index=1)
    expect(page.get_by_text('"type": "ORDER_CREATED"').filter(visible=True)).to_have_count(1)


def saga(page: Page) -> None:
    """To the last record but one, then to the first."""
    page.get_by_role("tab", name="Saga").click()
    order = page.get_by_role("combobox", name="Order")
    order.fill("ORD-0007")
    order.press("Enter")
    records = page.get_by_role("listbox", name="Record").get_by_role("option")
    expect(page.get_by_role("img", name=re.compile("Swim-lane of ORD-0007"))).to_be_visible()
    count = records.count()
    page.get_by_role("button", name="Step back").click()
    expect(page.get_by_role("img", name=re.compile(f"Swim-lane of ORD-0007, {count - 1} records"))).to_be_visible()
    page.get_by_role("listbox", name="Record").select_option(index=0)
    expect(page.get_by_role("img", name=re.compile("Swim-lane of ORD-0007, 1 records"))).to_be_visible()
    expect(page.get_by_text('"type": "ORDER_CREATED"').filter(visible=True)).to_have_count(1)
