"""The broker's buttons in JupyterLab: what is frozen or dead is seen on every panel, and orders go on afterwards."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Picture
from tests.browser.lab_page import LabPage

CELLS = (
    """
from ecomkafka.shop import Shop
from ecomkafka.widgets import OrderDesk
from ecomkafka.widgets.panels.control_room import ControlRoom
from ecomkafka.broker import Broker
from ecomkafka.clients import Cluster

broker = Broker().start()
shop = Shop(Cluster.of(broker.bootstrap)).start()
""",
    "OrderDesk(shop)",
    "ControlRoom(shop, broker)",
)


def test_a_broker_is_frozen_killed_and_restarted_and_an_order_goes_through(lab: LabPage, picture: Picture) -> None:
    lab.open(CELLS)
    lab.run_all()
    desk, room = lab.output(1), lab.output(2)
    node = room.get_by_role("row", name=re.compile("^1 127.0.0.1:"))
    stale = desk.get_by_role("status").filter(has_text="Not up to date: Kafka does not answer")
    fresh = desk.get_by_role("status").filter(has_text="Up to date again")
    expect(node).to_contain_text("runs")
    room.get_by_role("button", name="Pause").click()
    expect(node).to_contain_text("frozen")
    expect(stale).to_be_visible()
    room.get_by_role("button", name="Resume").click()
    expect(node).to_contain_text("runs")
    expect(fresh).to_be_visible()
    room.get_by_role("button", name="Kill").click()
    expect(node).to_contain_text("dead")
    expect(stale).to_be_visible()
    picture("control_room_without_a_broker")
    room.get_by_role("button", name="Restart broker").click()
    expect(room.get_by_role("status").filter(has_text="Node 1 is there again")).to_be_visible()
    expect(node).to_contain_text("runs")
    expect(fresh).to_be_visible()
    desk.get_by_role("spinbutton", name="Headset").fill("1")
    desk.get_by_role("button", name="Place order").click()
    expect(desk.get_by_role("row", name=re.compile("customer-1 .*CONFIRMED"))).to_be_visible()
    picture("control_room_with_the_broker_back")
