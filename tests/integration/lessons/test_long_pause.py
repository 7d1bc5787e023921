"""An instance that wakes up after another one has taken over its partition: its late commit is refused."""

import pytest

from ecomkafka.lessons.scale_out.flash_sale import OPENING, FlashSale
from ecomkafka.lessons.scale_out.long_pause import LongPause
from ecomkafka.services.inventory import InventoryService


@pytest.fixture(autouse=True)
def sales_are_on_the_tests_broker(broker, monkeypatch):
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)


def test_who_wakes_up_with_a_batch_in_hand_is_refused_by_the_group_and_no_unit_is_sold_twice():
    with FlashSale(InventoryService, instances=1) as sale, LongPause(sale.cluster) as frozen:
        sale.instances[0].stop()
        sale.place(OPENING + 20)
        frozen.wait()
        sale.instances[0].start()
        sale.order(OPENING + 20)
        assert frozen.resume() in ("UnknownMemberIdError", "IllegalGenerationError")
        sale.order(10)
        assert sale.sold == OPENING
