"""State that survives: written in the transaction that made it, read back from its changelog."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import BrokerResponseError

from ecomkafka.clients.groups import group_of
from ecomkafka.clients.reader import read
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.engine import changelog
from ecomkafka.engine.batch import RetryLater
from ecomkafka.messages import Released, encode
from tests.waiting import PATIENCE, eventually
from tests.workers import ANSWERS, AT, CHANGELOG, Counting, Once, Tally, ask, exactly_once, tallies


class Keeping(Counting):
    """Besides the count, an entry of each order; the order before it is forgotten."""

    def handle(self, record, state):
        number = int(record.message.order_id.removeprefix("O-"))
        state.put(f"order/{number}", Tally(count=number))
        state.delete(f"order/{number - 3}")
        return super().handle(record, state)


def held(worker):
    """What the instance has in memory, of all its partitions."""
    return {
        key: value
        for state in worker._loop.states.values()
        for key, value in state.snapshot().items()
        if key != "tally"
    }


def checkpoint(cluster):
    """Where the group says that a restore of each partition begins."""
    with cluster.consumer(group_of("inventory")) as consumer:
        logs = [TopicPartition(cluster.name(CHANGELOG), partition) for partition in range(3)]
        return {log: consumer.committed(log, timeout_ms=5_000) or 0 for log in logs}


def test_a_restart_has_the_same_state(cluster):
    ask(cluster, 30)
    with Keeping(cluster) as first:
        exactly_once(cluster, 30)
        eventually(lambda: first.handled == 30, "the last commit is done")
        before = held(first)
    assert before == {f"order/{number}": Tally(count=number) for number in (27, 28, 29)}
    with Keeping(cluster) as second:
        assert held(second) == before
        ask(cluster, 30, start=30)
        exactly_once(cluster, 60)


def test_what_an_aborted_transaction_wrote_is_no_state(cluster):
    """The changelog then has entries that never were: a restart and a recovery both skip them."""

    class Refusing(Keeping):
        refusals = 0

        def handle(self, record, state):
            answers = super().handle(record, state)
            if self.refusals < 2:
                self.refusals += 1
                raise RetryLater("not yet")
            return answers

    def fail():
        raise TimeoutError("too slow")

    worker = Refusing(cluster)
    worker.at = Once("after_produce", fail)
    ask(cluster, 9)
    with worker:
        exactly_once(cluster, 9)
    with Keeping(cluster):
        assert sum(tallies(cluster).values()) == 9
        ask(cluster, 9, start=9)
        exactly_once(cluster, 18)


def test_the_changelog_has_tombstones_of_what_was_deleted(cluster):
    ask(cluster, 9)
    with Keeping(cluster):
        exactly_once(cluster, 9)
    last = {record.key: record.value for record in read(cluster, CHANGELOG) if record.key != b"tally"}
    assert {key for key, value in last.items() if value is not None} == {b"order/6", b"order/7", b"order/8"}
    assert {key for key, value in last.items() if value is None} >= {f"order/{n}".encode() for n in range(6)}


def deleted(admin, starts):
    try:
        return admin.delete_records(starts)
    except BrokerResponseError:
        return None


def test_a_restart_reads_from_the_checkpoint_only(cluster, monkeypatch):
    """What is before it may be lost: here it is deleted."""
    monkeypatch.setattr(changelog, "CHECKPOINT_AFTER", 10)
    with Keeping(cluster) as first:
        for start in range(0, 90, 30):
            ask(cluster, 30, start)
            exactly_once(cluster, start + 30)
        eventually(lambda: first.handled == 90, "the last commit is done")
        before = held(first)
    starts = checkpoint(cluster)
    with closing(cluster.admin()) as admin:
        deletable = {"cleanup.policy": "compact,delete"}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, cluster.name(CHANGELOG), deletable)])
        eventually(lambda: deleted(admin, starts), "the broker has heard that it may delete here")
    assert all(offset > 10 for offset in starts.values())
    with Keeping(cluster) as second:
        assert held(second) == before
        ask(cluster, 30, start=90)
        eventually(lambda: second.handled == 30, "it goes on")
    assert sum(tallies(cluster).values()) == 120


def test_a_restore_waits_for_what_a_former_owner_has_still_to_commit(cluster):
    """It reads to the end of the log, not to where all transactions are settled: a commit's markers come later than its
    answer.
    """
    former, worker = TransactionalProducer(cluster, "former"), Counting(cluster)
    try:
        former.take_over()
        former.begin()
        former.send(cluster.name(CHANGELOG), b"tally", encode(Tally(count=5)), [], partition=0)
        former.flush()
        with ThreadPoolExecutor() as pool:
            starting = pool.submit(worker.start)
            with pytest.raises(TimeoutError):
                starting.result(timeout=1.5)
            worker.stop()  # a restore that waits does not delay it
            starting = pool.submit(worker.start)
            former.commit({}, None)
            starting.result(timeout=PATIENCE)
        ask(cluster, 1, partitions=[0])
        eventually(lambda: tallies(cluster) == {0: 6}, "it has counted on")
    finally:
        former.discard()
        worker.stop()


def test_what_time_brings_is_sent_once_and_state_with_it(cluster):
    """`tick` is asked for each partition, also of an instance that has nothing to read."""

    class Ticking(Counting):
        def tick(self, now, state):
            if state.get("ticked") is None:
                state.put("ticked", Tally(count=1))
                yield Released(order_id="TICK", warehouse_id="WH", at=AT)

    for _ in range(2):  # the second pair finds that it was done
        with Ticking(cluster, "one"), Ticking(cluster, "two"):
            eventually(lambda: len(read(cluster, ANSWERS)) >= 3, "the ticks")
    assert [record.message.order_id for record in read(cluster, ANSWERS)] == ["TICK"] * 3
