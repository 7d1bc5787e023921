"""A client's request through a bad network, or beside a client of the same name: it is sent again as long as it is
certain that nothing was done.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from kafka.errors import KafkaError, ProducerFencedError
from kafka.protocol.api_key import ApiKey

from ecomkafka.clients import Cluster
from ecomkafka.clients.reader import read
from ecomkafka.clients.transaction import TransactionalProducer, UnknownOutcomeError
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


def own_view(cluster: Cluster) -> Cluster:
    """The same Kafka and namespace, as another process sees it."""
    return replace(cluster)


@pytest.mark.parametrize("point", ["before_produce", "during_commit"])
def test_a_request_whose_name_is_taken_by_another_client_on_the_way_is_there_once(cluster, monkeypatch, point):
    with closing(Sender(cluster, "client")) as first, closing(Sender(own_view(cluster), "client")) as second:
        first.send([request(0)])
        _when(point, lambda: second.send([request(1)]), monkeypatch)
        first.send([request(2)])
        second.send([request(3)])
    assert Counter(record.message.order_id for record in read(cluster, REQUESTS)) == Counter(
        f"O-{number}" for number in range(4)
    )


def _when(point: str, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `act` happen once, at this point of the next commit: before the first record is sent, or when all records are
    written and the transaction is to end.
    """
    name = {"before_produce": "commit", "during_commit": "_end"}[point]
    original = getattr(TransactionalProducer, name)

    def first_act(self, *arguments):
        monkeypatch.setattr(TransactionalProducer, name, original)
        act()
        return original(self, *arguments)

    monkeypatch.setattr(TransactionalProducer, name, first_act)


def test_clients_of_one_name_that_send_at_the_same_time_send_each_request_once(cluster):
    unknown: set[str] = set()

    def insist(sender: Sender, order: str) -> None:
        """Kafka 4.3 answers UNKNOWN_SERVER_ERROR to a commit that meets a take-over halfway."""
        try:
            sender.send([request(order)])
        except UnknownOutcomeError:
            unknown.add(f"O-{order}")
            insist(sender, order)

    def many(client: int) -> None:
        with closing(Sender(own_view(cluster), "client")) as sender:
            for number in range(10):
                insist(sender, f"{client}-{number}")

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(many, client) for client in range(2)]:
            done.result(PATIENCE)
    sent = Counter(record.message.order_id for record in read(cluster, REQUESTS))
    assert sent.keys() == {f"O-{client}-{number}" for client in range(2) for number in range(10)}
    assert {order for order, times in sent.items() if times > 1} <= unknown


def test_who_loses_its_name_again_and_again_is_told_in_a_sentence_what_to_do(cluster, monkeypatch):
    with closing(Sender(cluster, "client")) as first, closing(Sender(own_view(cluster), "client")) as second:
        first.send([request(0)])
        second.send([request(1)])
        monkeypatch.setattr(producer_record, "RETRY_SECONDS", 0.0)
        what = rf"{cluster.name('client')}: .*nothing was sent.*namespace"
        with pytest.raises(ProducerFencedError, match=what):
            first.send([request(2)])
    assert [record.message.order_id for record in read(cluster, REQUESTS)] == ["O-0", "O-1"]
