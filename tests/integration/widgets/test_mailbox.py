"""The mailbox and the dead letters without a browser: click, then see the traits change."""

import threading
from collections.abc import Iterator

import pytest

from ecomkafka.broker import Broker
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.gateways.mailbox import Delivered
from ecomkafka.shop import Shop
from ecomkafka.widgets import MailboxPanel
from tests.waiting import eventually


@pytest.fixture(scope="module")
def shop(broker: Broker) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
        with Shop(retry_delays=(0.1, 0.1)) as running:
            yield running


@pytest.fixture
def panel(shop: Shop) -> Iterator[MailboxPanel]:
    panel = MailboxPanel(shop)
    yield panel
    panel.close()


def refused(shop: Shop, panel: MailboxPanel, count: int) -> list[str]:
    """Orders whose mails the server refuses until they are dead letters; it takes mails again afterwards."""
    assert shop.mail_server is not None
    shop.mail_server.failure_rate = 1.0
    orders = [shop.order("ann", {"MOUSE-001": 1}) for _ in range(count)]
    eventually(lambda: len(panel.choice.options) == count, "the dead letters in the list")
    shop.mail_server.failure_rate = 0.0
    return orders


def test_mails_are_shown_as_they_come(shop: Shop, panel: MailboxPanel) -> None:
    order_id = shop.order("bob", {"MOUSE-001": 1})
    eventually(lambda: f"Order {order_id} confirmed" in panel.mails.value, f"the mail of {order_id}")
    assert "bob@customers.example" in panel.mails.value


def test_mails_are_read_by_the_panel_s_own_thread_and_not_by_the_one_that_all_share(
    shop: Shop, panel: MailboxPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.mail_server is not None
    mails, readers = shop.mail_server.messages, set[str]()

    def messages(server: MailServer) -> list[Delivered]:
        readers.add(threading.current_thread().name)
        return mails

    with monkeypatch.context() as patch:
        patch.setattr(MailServer, "messages", property(messages))
        eventually(lambda: readers, "a look at the mails")
        panel.refresh()
    assert readers == {"panel-Mailbox and dead letters"}


def test_a_replayed_dead_letter_becomes_a_mail(shop: Shop, panel: MailboxPanel) -> None:
    first, second = refused(shop, panel, 2)
    assert "attempt 3 of 3" in panel.letters.value
    panel.choice.value = next(position for label, position in panel.choice.options if second in label)
    panel.replay_one.click()
    eventually(lambda: f"Order {second} confirmed" in panel.mails.value, f"the mail of {second}")
    eventually(lambda: "delivered" in panel.letters.value and len(panel.choice.options) == 1, "the letter's state")
    assert f"Order {first} confirmed" not in panel.mails.value
    panel.replay_all.click()
    eventually(lambda: f"Order {first} confirmed" in panel.mails.value, f"the mail of {first}")
    eventually(lambda: not panel.choice.options, "an empty list")
    panel.replay_all.click()
    eventually(lambda: "Nothing to send again" in panel.status.value, panel.status.value)


def test_a_letter_is_edited_and_the_edited_one_delivered(shop: Shop, panel: MailboxPanel) -> None:
    shop.notification_service.failure_rate = 1.0
    order_id = shop.order("bob", {"MOUSE-001": 1})
    eventually(lambda: len(panel.choice.options) == 1, "the dead letter in the list")
    shop.notification_service.failure_rate = 0.0
    ((_, before),) = panel.choice.options
    panel.choice.value = before
    panel.field.value, panel.value.value = "kind", "nonsense"
    panel.edit.click()
    eventually(lambda: "no message of its topic" in panel.edit_error.value, "what is wrong, at the field")
    panel.field.value, panel.value.value = "customer_id", "carl"
    panel.edit.click()
    eventually(lambda: panel.choice.value not in (before, None), "the letter that replaces it")
    assert "edited" in panel.letters.value
    panel.replay_one.click()
    eventually(lambda: "carl@customers.example" in panel.mails.value, f"the mail of {order_id}")
    eventually(lambda: not panel.choice.options, "an empty list")


def test_without_a_choice_a_click_says_what_to_do(panel: MailboxPanel) -> None:
    panel.edit.click()
    assert "Choose a dead letter" in panel.edit_error.value
