"""The mailbox in JupyterLab: a mail that nobody could deliver is sent again with a click."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Picture
from tests.browser.lab_page import LabPage

CELLS = (
    """
from ecomkafka.faults import mail_refuses
from ecomkafka.shop import Shop
from ecomkafka.waiting import until
from ecomkafka.widgets import MailboxPanel

shop = Shop(retry_delays=(0.1, 0.1)).start()
""",
    """
with mail_refuses(shop.mail_server):
    shop.order("ann", {"MOUSE-001": 1})
    until(lambda: len(shop.dead_letters()), 90, "a dead letter")
""",
    "MailboxPanel(shop)",
)


def test_a_dead_letter_is_replayed_and_its_mail_seen(lab: LabPage, picture: Picture) -> None:
    lab.open(CELLS)
    lab.run_all()
    page = lab.page
    letters = page.get_by_role("table", name=re.compile("^Dead letters: 1,"))
    mails = page.get_by_role("table", name=re.compile("^Mails: "))
    expect(letters.get_by_role("row", name=re.compile("waiting"))).to_be_visible()
    picture("mailbox_with_a_dead_letter")
    page.get_by_role("listbox", name="Dead letter").select_option(index=0)
    page.get_by_role("button", name="Replay one").click()
    expect(page.get_by_role("status").filter(has_text="1 sent again")).to_be_visible()
    expect(mails.get_by_role("row", name=re.compile("ann@.* Order ORD-0001 confirmed"))).to_be_visible()
    expect(letters.get_by_role("row", name=re.compile("delivered"))).to_be_visible()
    expect(page.get_by_role("listbox", name="Dead letter").get_by_role("option")).to_have_count(0)
    picture("mailbox_after_the_replay")


TO_NOBODY = (
    """
from ecomkafka.shop import Shop
from ecomkafka.waiting import until
from ecomkafka.widgets import MailboxPanel

shop = Shop(retry_delays=(0.1, 0.1)).start()
shop.notification_service.failure_rate = 1.0
shop.order("bob", {"MOUSE-001": 1})
until(lambda: len(shop.dead_letters()), 90, "a dead letter: no mail gets through")
shop.notification_service.failure_rate = 0.0
""",
    "MailboxPanel(shop)",
)


def test_a_dead_letter_is_edited_and_the_mended_one_delivered(lab: LabPage, picture: Picture) -> None:
    lab.open(TO_NOBODY)
    lab.run_all()
    page = lab.page
    choice = page.get_by_role("listbox", name="Dead letter")
    choice.select_option(index=0)
    page.get_by_role("combobox", name="Field").select_option("kind")
    page.get_by_role("textbox", name="New value").fill("nonsense")
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("alert").filter(has_text="no message of its topic")).to_be_visible()
    picture("mailbox_with_a_wrong_edit")
    page.get_by_role("combobox", name="Field").select_option("customer_id")
    page.get_by_role("textbox", name="New value").fill("carl")
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("status").filter(has_text="is replaced by")).to_be_visible()
    page.get_by_role("button", name="Replay one").click()
    expect(page.get_by_role("row", name=re.compile("carl@.* Order ORD-0001 confirmed"))).to_be_visible()
    expect(choice.get_by_role("option")).to_have_count(0)
