"""A client's request through a bad network: it is sent again as long as it is certain that nothing was done."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka.errors import KafkaError
from kafka.protocol.api_key import ApiKey

from ecomkafka.clients.reader import read
from ecomkafka.engine import producer_record
from ecomkafka.engine.producer_record import Sender
from ecomkafka.faults.network_proxy import Fault, Proxy
from ecomkafka.messages import Release
from tests.waiting import PATIENCE
from tests.workers import AT, REQUESTS

EVER = 1_000_000


@pytest.fixture
def proxy():
    with Proxy() as running:
        yield running


def request(number):
    return Release(order_id=f"O-{number}", warehouse_id="WH", at=AT)


def test_a_request_that_got_lost_is_sent_again_and_there_once(cluster, proxy):
    sender = Sender(proxy.through(cluster), "client")
    for number, fault in enumerate((Fault.LOSE_REQUEST, Fault.LOSE_ANSWER)):
        rule = proxy.on(ApiKey.Produce, fault)
        sender.send([request(number)])
        assert rule.happened.is_set()
    sender.close()
    assert [record.message.order_id for record in read(cluster, REQUESTS)] == ["O-0", "O-1"]


def test_a_sender_that_is_closed_tries_no_more_and_begins_anew_with_the_next_request(cluster, proxy, monkeypatch):
    monkeypatch.setattr(producer_record, "RETRY_SECONDS", 600.0)
    sender = Sender(proxy.through(cluster), "client")
    rule = proxy.on(ApiKey.Produce, Fault.LOSE_REQUEST, times=EVER)
    with ThreadPoolExecutor() as pool:
        sent = pool.submit(sender.send, [request(1)])
        assert rule.happened.wait(PATIENCE)
        sender.close()
        with pytest.raises(KafkaError):
            sent.result(PATIENCE)
    proxy.heal()
    sender.send([request(2)])
    sender.close()
    assert [record.message.order_id for record in read(cluster, REQUESTS)] == ["O-2"]
