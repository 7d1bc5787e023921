"""The shipped shop floor under Voila: a page without code, and its buttons work."""

import re
import socket
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from ecomkafka.widgets import (
    ControlRoom,
    FloorMap,
    InvariantsBoard,
    MailboxPanel,
    OrderDesk,
    SagaView,
    TopicsBrowser,
    WindowsPanel,
)
from ecomkafka.widgets.panels.shop_floor import TITLES
from tests.browser.conftest import Picture
from tests.browser.lab_page import READY_SECONDS, SEEN_SECONDS
from tests.integration.widgets.test_voila import Voila
from tests.integration.widgets.test_voila import voila as voila
from tests.waiting import eventually

PANELS = OrderDesk, FloorMap, SagaView, ControlRoom, WindowsPanel, MailboxPanel, InvariantsBoard, TopicsBrowser


def listens(address: str) -> bool:
    """Nothing is asked of it: each page that it serves is a kernel and a shop."""
    try:
        socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


def test_an_order_is_placed_on_a_page_without_code(page: Page, voila: Voila, picture: Picture) -> None:
    eventually(lambda: listens(voila.address), "Voila")
    page.set_default_timeout(SEEN_SECONDS * 1000)
    page.goto(voila.address, timeout=READY_SECONDS * 1000)
    page.get_by_role("textbox", name="Customer").fill("zoe")
    page.get_by_role("spinbutton", name="Headset").fill("1")
    page.get_by_role("button", name="Place order").click()
    order = page.get_by_role("row", name=re.compile("zoe .*CONFIRMED"))
    expect(order).to_be_visible(timeout=SEEN_SECONDS * 1000)
    expect(page.get_by_text("ShopFloor(shop, broker)")).to_have_count(0)
    expect(page.get_by_text("base64")).to_have_count(0)
    for tab, panel in zip(TITLES, PANELS, strict=True):
        page.get_by_role("tab", name=tab, exact=True).click()
        expect(page.get_by_role("heading", name=panel.title, exact=True)).to_be_visible()
        picture(f"voila_{tab.lower().replace(' ', '_')}")


def test_a_page_that_is_loaded_again_or_left_ends_with_its_shop(page: Page, voila: Voila) -> None:
    eventually(lambda: listens(voila.address), "Voila")
    page.goto(voila.address, timeout=READY_SECONDS * 1000)
    page.get_by_role("button", name="Place order").wait_for(timeout=SEEN_SECONDS * 1000)
    first = voila.running()
    assert sorted(first.values()) == ["broker", "kernel"]
    page.reload(timeout=READY_SECONDS * 1000)
    page.get_by_role("button", name="Place order").wait_for(timeout=SEEN_SECONDS * 1000)
    eventually(lambda: first.keys().isdisjoint(voila.running()), "the end of the first page")
    assert sorted(voila.running().values()) == ["broker", "kernel"]
    page.goto("about:blank")
    eventually(lambda: not voila.running(), "the end of the second page")
