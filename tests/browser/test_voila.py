"""The shop floor under Voila: a page without code, and its buttons work."""

import re
import socket
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.conftest import Picture
from tests.browser.lab_page import READY_SECONDS, SEEN_SECONDS
from tests.integration.test_widgets_voila import voila as voila
from tests.waiting import eventually


def listens(address: str) -> bool:
    """Nothing is asked of it: each page that it serves is a kernel and a shop."""
    try:
        socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


def test_an_order_is_placed_on_a_page_without_code(page: Page, voila: str, picture: Picture) -> None:
    eventually(lambda: listens(voila), READY_SECONDS, "Voila")
    page.set_default_timeout(SEEN_SECONDS * 1000)
    page.goto(voila, timeout=READY_SECONDS * 1000)
    page.get_by_role("spinbutton", name="Headset").fill("1")
    page.get_by_role("button", name="Place order").click()
    order = page.get_by_role("row", name=re.compile("ORD-0001 .*CONFIRMED"))
    expect(order).to_be_visible(timeout=SEEN_SECONDS * 1000)
    for tab in page.get_by_role("tab").all():
        tab.click()
        picture(f"voila_{tab.inner_text().lower().replace(' ', '_')}")
