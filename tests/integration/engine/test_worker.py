"""The worker among others and over time: rebalances, batches, due times, start and stop."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ecomkafka.broker import Broker
from ecomkafka.broker.ports import free_ports
from ecomkafka.clients import Cluster
from ecomkafka.clients.admin import create_topics
from ecomkafka.clients.groups import group_of, lags, memberships
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import NOT_BEFORE, not_before
from ecomkafka.clients.transaction import TransactionalProducer
from ecomkafka.clock import ManualClock
from ecomkafka.engine import batch, loop
from ecomkafka.flow import HOPS
from ecomkafka.messages import Release, encode
from tests.waiting import PATIENCE, eventually
from tests.workers import ANSWERS, AT, REQUESTS, Counting, Once, answers, ask, exactly_once


def assigned(worker):
    """Its partitions as the group says, each topic's."""
    found = {}
    for partition in worker._loop._consumer.assignment():
        found.setdefault(worker.cluster.logical(partition.topic), set()).add(partition.partition)
    return found


# --- instances


def test_instances_come_and_go_and_nothing_is_lost_or_doubled(cluster):
    """While requests flow: three join, one leaves, one crashes and comes back, all but one leave."""
    sent, done = 0, threading.Event()

    def flow():
        nonlocal sent
        while not done.is_set():
            ask(cluster, 10, sent)
            sent += 10

    def crash():
        raise RuntimeError("pulled the plug")

    with ThreadPoolExecutor(1) as pool:
        flowing = pool.submit(flow)
        try:
            one, two, three = (Counting(cluster, name).start() for name in ("one", "two", "three"))
            wait_for_work(one, two, three)
            two.stop()
            wait_for_work(one, three)
            three.at = Once("after_produce", crash)
            eventually(lambda: three.status == "failed", "the crash")
            three = Counting(cluster, "three").start()
            wait_for_work(one, three)
            one.stop()
            wait_for_work(three)
        finally:
            done.set()
        flowing.result(timeout=PATIENCE)
        exactly_once(cluster, sent)
        three.stop()


def wait_for_work(*workers):
    for worker in workers:
        start = worker.handled
        eventually(lambda w=worker, n=start: w.handled > n, f"{worker.identity} works")


def test_a_partition_of_all_topics_is_with_one_instance(cluster):
    """A saga's inputs come on two topics: whoever has partition p of one has p of the other, and the state of p."""

    class Reading(Counting):
        hop = HOPS["order"]

    workers = []
    try:
        for name, shares in (("one", [3]), ("two", [1, 2]), ("three", [1, 1, 1])):
            workers.append(Reading(cluster, name).start())
            eventually(lambda n=shares: sorted(len(w._loop.states) for w in workers) == n, "each has its share")
            for worker in workers:
                orders, responses = assigned(worker)["orders.events"], assigned(worker)["inventory.responses"]
                assert orders == responses == worker._loop.states.keys()
    finally:
        for worker in workers:
            worker.stop()


def test_an_instance_too_many_stands_by_and_takes_over(cluster):
    workers = [Counting(cluster, str(n)).start() for n in range(4)]
    try:
        assert [worker.status for worker in workers] == ["running"] * 4
        eventually(lambda: sorted(len(w._loop.states) for w in workers) == [0, 1, 1, 1], "one has nothing to do")
        busy = next(worker for worker in workers if worker._loop.states)
        busy.stop()
        eventually(lambda: sum(len(w._loop.states) for w in workers if w is not busy) == 3, "it takes over")
        ask(cluster, 30)
        exactly_once(cluster, 30)
    finally:
        for worker in workers:
            worker.stop()


def test_a_stopped_instance_is_out_of_its_group_at_once(cluster):
    with Counting(cluster, "one"), Counting(cluster, "two"):
        assert members(cluster) == ("inventory-one", "inventory-two")
    assert members(cluster) == ()


def members(cluster):
    return next(m.members for m in memberships(cluster) if m.group == group_of("inventory"))


def test_an_instance_can_be_started_again(cluster):
    worker = Counting(cluster)
    for round_ in (1, 2):
        with worker:
            ask(cluster, 10, start=10 * round_ - 10)
            exactly_once(cluster, 10 * round_)
        assert worker.status == "stopped"
    with worker, pytest.raises(RuntimeError, match="inventory-0 runs already"):
        worker.start()


# --- batches and time


def test_threads_that_stop_an_instance_at_once_stop_it_once(cluster):
    worker = Counting(cluster).start()
    with ThreadPoolExecutor() as pool:
        for stopping in [pool.submit(worker.stop, PATIENCE) for _ in range(4)]:
            stopping.result(PATIENCE)
    assert worker.status == "stopped"


def test_an_instance_can_be_stopped_while_another_thread_starts_it(cluster, monkeypatch):
    worker, begin = Counting(cluster), threading.Thread.start
    inside, go_on = threading.Event(), threading.Event()

    def in_the_middle(thread):
        if thread.name == worker.identity:
            inside.set()
            assert go_on.wait(PATIENCE)
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", in_the_middle)
    with ThreadPoolExecutor() as pool:
        starting = pool.submit(worker.start, PATIENCE)
        assert inside.wait(PATIENCE)
        stopping = pool.submit(worker.stop, PATIENCE)
        assert eventually(worker.stopping.is_set, "it is told to stop")
        go_on.set()
        assert starting.result(PATIENCE) is worker
        stopping.result(PATIENCE)
    assert worker.status == "stopped"


def test_a_slow_handler_gets_smaller_transactions(cluster, monkeypatch):
    """A transaction must not time out because there is much to do."""
    monkeypatch.setattr(batch, "BATCH_SECONDS", 0.2)

    class Slow(Counting):
        def handle(self, record, state):
            threading.Event().wait(0.02)
            return super().handle(record, state)

    ask(cluster, 60)
    worker, sizes = Slow(cluster), []
    worker.at = lambda point: sizes.append(worker.handled) if point == "after_poll" else None
    with worker:
        exactly_once(cluster, 60)
        eventually(lambda: worker.handled == 60, "the last commit is done")
    assert len(set(sizes)) >= 4


class Patient(Counting):
    due = staticmethod(not_before)


def ask_at(cluster, order_id, when, partition):
    with cluster.producer() as producer:
        message = Release(order_id=order_id, warehouse_id="WH", at=AT)
        headers = [(NOT_BEFORE, when.isoformat().encode())] if when else []
        producer.send(cluster.name(REQUESTS), encode(message), key=b"WH", headers=headers, partition=partition)


def test_a_record_with_a_due_time_is_waited_for_and_no_other_partition_is(cluster):
    clock = ManualClock(AT)
    ask_at(cluster, "early", AT + timedelta(seconds=-1), 0)
    ask_at(cluster, "later", AT + timedelta(seconds=60), 0)
    ask_at(cluster, "behind it", None, 0)
    ask_at(cluster, "latest", AT + timedelta(seconds=120), 1)
    with Patient(cluster, clock=clock) as worker:
        ask_at(cluster, "other", None, 2)
        eventually(lambda: answers(cluster).keys() == {"early", "other"}, "what is due")
        ask_at(cluster, "another", None, 2)
        eventually(lambda: "another" in answers(cluster), "a partition that need not wait")
        clock.advance(seconds=60)
        eventually(lambda: answers(cluster).keys() >= {"later", "behind it"}, "what is due a minute later")
        assert "latest" not in answers(cluster)
        polls = []
        worker.at = lambda point: polls.append(point) if point == "after_poll" else None
        ask_at(cluster, "one more", None, 2)
        eventually(lambda: "one more" in answers(cluster), "a partition that need not wait")
        assert len(polls) == 1  # what waits is not fetched again and again
        clock.advance(seconds=60)
        eventually(lambda: "latest" in answers(cluster), "what is due two minutes later")
        assert worker.handled == 7
    assert set(answers(cluster).values()) == {1}


def test_a_slow_batch_is_not_taken_for_quiet_and_what_waits_is_not_committed(cluster, monkeypatch):
    """The position is behind what was left for later, until the loop has gone back to it."""
    monkeypatch.setattr(loop, "IDLE_SECONDS", 0.0)
    clock = ManualClock(AT)
    ask_at(cluster, "early", None, 0)
    ask_at(cluster, "later", AT + timedelta(seconds=60), 0)
    with Patient(cluster, clock=clock) as worker:
        eventually(lambda: worker.handled == 1 and worker._loop._due, "one is done and one waits")
        committed = {(n.topic, n.partition): n.committed for n in lags(cluster)}
        assert committed[REQUESTS, 0] == 1


def test_a_record_that_waits_is_not_lost_when_its_owner_goes(cluster):
    clock = ManualClock(AT)
    ask_at(cluster, "later", AT + timedelta(seconds=60), 0)
    with Patient(cluster, "one", clock=clock) as one:
        eventually(lambda: one._loop._due, "it waits")
        with Patient(cluster, "two", clock=clock):
            pass
        eventually(lambda: one._loop._due, "it waits again")
    with Patient(cluster, "three", clock=clock) as three:
        eventually(lambda: three._loop._due, "the next one waits")
        clock.advance(seconds=60)
        eventually(lambda: answers(cluster) == {"later": 1}, "it is handled")


def test_idle_the_lag_is_zero_although_the_log_ends_with_markers(cluster):
    """A transaction's marker takes an offset of its own; nobody is ever given it."""
    producer = TransactionalProducer(cluster, "writer")
    try:
        producer.take_over()
        for end in (producer.abort, lambda: producer.commit({}, None)):
            producer.begin()
            message = Release(order_id="O-0", warehouse_id="WH", at=AT)
            for partition in range(3):
                producer.send(cluster.name(REQUESTS), b"WH", encode(message), [], partition=partition)
            end()
    finally:
        producer.discard()
    with Counting(cluster) as worker:
        eventually(lambda: worker.handled == 3, "all is handled")
        eventually(lambda: [n.lag for n in lags(cluster) if n.topic == REQUESTS] == [0, 0, 0], "the lag is zero")


class Choosy(Counting):
    def handle(self, record, state):
        return super().handle(record, state) if record.message.order_id != "O-0" else ()


def test_what_has_no_effect_is_committed_with_what_has(cluster, monkeypatch):
    """A transaction for nothing would keep the next record waiting."""
    monkeypatch.setattr(loop, "IDLE_SECONDS", 3_600.0)
    with Choosy(cluster) as worker:
        points = []
        worker.at = points.append
        ask(cluster, 1)
        eventually(lambda: "after_poll" in points, "it is read")
        ask(cluster, 1, start=1)
        eventually(lambda: worker.handled == 2, "both are handled and committed")
        assert points.count("after_commit") == 1
        committed = {(n.topic, n.partition): n.committed for n in lags(cluster)}
        assert (committed[REQUESTS, 0], committed[REQUESTS, 1]) == (1, 1)


def test_what_has_no_effect_is_committed_when_it_is_quiet(cluster):
    ask(cluster, 1)
    with Choosy(cluster) as worker:
        eventually(lambda: worker.handled == 1, "it is committed")
        assert not answers(cluster)
        eventually(lambda: not any(n.lag for n in lags(cluster) if n.topic == REQUESTS), "the lag is zero")


def test_answers_carry_where_they_come_from(cluster):
    ask(cluster, 1)
    with Counting(cluster):
        exactly_once(cluster, 1)
    [record] = read(cluster, ANSWERS)
    assert record.key == b"O-0"
    assert record.header("correlation") == "O-0"
    assert record.header("causation") == f"{REQUESTS}:0:0"
    assert record.header("attempt") == "1"


# --- start and stop


def test_without_a_broker_the_start_says_so():
    [port] = free_ports(1)
    worker = Counting(Cluster.of(f"127.0.0.1:{port}"))
    with pytest.raises(
        ConnectionError, match=rf"^inventory-0 did not start: no Kafka answers at 127.0.0.1:{port}: start one"
    ):
        worker.start()
    worker.stop()


def test_without_its_topics_the_start_says_so(cluster):
    worker = Counting(Cluster(cluster.bootstrap, "nobody"))
    with pytest.raises(
        LookupError, match=r"'nobody\.inventory\.requests' does not exist: 'ecomkafka create-topics' makes it"
    ):
        worker.start()


def stop_in_time(worker):
    worker.stop(timeout=PATIENCE)
    assert worker.status == "stopped"
    names = [thread.name for thread in threading.enumerate()]
    assert worker.identity not in names


@pytest.mark.parametrize("point", ["after_poll", "during_commit"])
def test_it_stops_in_time_while_the_broker_is_frozen(broker, cluster, point):
    worker = Counting(cluster).start()
    worker.at = Once(point, broker.nodes[0].pause)
    try:
        ask(cluster, 30)
        eventually(lambda: worker.at.done, f"the broker freezes {point}")
        stop_in_time(worker)
    finally:
        broker.nodes[0].resume()
    with Counting(cluster):
        exactly_once(cluster, 30)


def test_it_stops_in_time_with_a_batch_in_hand(cluster):
    """The batch is finished first."""

    class Slow(Counting):
        def handle(self, record, state):
            threading.Event().wait(0.05)
            return super().handle(record, state)

    worker = Slow(cluster).start()
    handling = threading.Event()
    worker.at = Once("after_poll", handling.set)
    ask(cluster, 15, partitions=[0])
    assert handling.wait(PATIENCE)
    stop_in_time(worker)
    assert worker.handled > 0
    with Counting(cluster):
        exactly_once(cluster, 15)


def test_a_broker_that_dies_is_waited_for_and_its_end_does_not_delay_a_stop():
    with Broker() as broker:
        cluster = Cluster.of(broker.bootstrap)
        create_topics(cluster)
        worker = Counting(cluster).start()
        ask(cluster, 30)
        exactly_once(cluster, 30)
        broker.nodes[0].kill()
        broker.nodes[0].restart()
        ask(cluster, 30, start=30)
        exactly_once(cluster, 60)
        assert worker.status == "running"
        broker.nodes[0].kill()
        stop_in_time(worker)
