"""The control room in JupyterLab: a service crashes, its orders wait, and go on when it is there again."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Picture
from tests.browser.lab_page import LabPage

CELLS = (
    """
from ecomkafka.shop import Shop
from ecomkafka.widgets import OrderDesk
from ecomkafka.widgets.panels.control_room import ControlRoom

shop = Shop().start()
""",
    "OrderDesk(shop)",
    "ControlRoom(shop)",
)


def test_orders_wait_for_a_crashed_inventory_until_it_is_restarted(lab: LabPage, picture: Picture) -> None:
    lab.open(CELLS)
    lab.run_all()
    desk, room = lab.output(1), lab.output(2)
    inventory = room.get_by_role("row", name=re.compile("^inventory-0 "))
    told = room.get_by_role("status")
    expect(inventory).to_contain_text("running")
    room.get_by_role("combobox", name="Instance").select_option("inventory-0")
    room.get_by_role("button", name="Crash").click()
    expect(told.filter(has_text="inventory-0 dies at after_produce")).to_be_visible()
    desk.get_by_role("spinbutton", name="Headset").fill("1")
    desk.get_by_role("button", name="Place order").click()
    expect(inventory).to_contain_text("crashed")
    order = desk.get_by_role("row", name=re.compile("^ORD-0001 "))
    expect(order).to_contain_text("PENDING")
    picture("control_room_after_a_crash")
    room.get_by_role("button", name="Restart", exact=True).click()
    expect(told.filter(has_text="inventory-0 runs again")).to_be_visible()
    expect(inventory).to_contain_text("running")
    expect(order).to_contain_text("CONFIRMED")
    picture("control_room_after_the_restart")
