"""The gateway's own page: an order is placed from it, and its saga is followed, in a browser."""

import re

from playwright.sync_api import Page, expect

from ecomkafka.shop import Shop
from tests.browser.conftest import Picture
from tests.browser.lab_page import SEEN_SECONDS


def test_each_path_of_the_api_can_be_tried_from_the_page(page: Page, shop: Shop, picture: Picture) -> None:
    page.set_default_timeout(SEEN_SECONDS * 1000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with shop.gateway() as gateway:
        page.goto(gateway.url)
        sections = page.locator("section")
        expect(sections).to_have_count(6)
        order = sections.filter(has_text="POST /orders")
        order.get_by_role("button", name="Send").click()
        expect(order.locator("pre")).to_contain_text("202 Accepted")
        (order_id,) = re.findall(r'"order_id":"([^"]+)"', order.locator("pre").inner_text())
        events = sections.filter(has_text="/orders/{order_id}/events")
        events.get_by_label("order_id").fill(order_id)
        events.get_by_role("button", name="Send").click()
        expect(events.locator("pre")).to_contain_text("NOTIFICATION_SENT")
        picture("try_page")
    assert [url for url in asked if not url.startswith(gateway.url)] == []
