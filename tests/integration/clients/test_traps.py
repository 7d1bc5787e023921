"""Where kafka-python can hurt: each trap against the real broker, and that the runtime does not fall into it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from random import Random

import pytest
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, MemberToRemove
from kafka.codec import has_lz4, has_snappy
from kafka.errors import (
    InvalidProducerEpochError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    UnknownMemberIdError,
)
from kafka.protocol.api_key import ApiKey
from kafka.structs import ConsumerGroupMetadata

from ecomkafka.clients import kafka_cluster
from ecomkafka.clients.groups import group_of, memberships
from ecomkafka.clients.reader import read
from ecomkafka.clients.transaction import TransactionalProducer, UnknownOutcomeError
from ecomkafka.engine.batch import RetryLater
from ecomkafka.faults.network_proxy import Fault, Proxy
from tests.waiting import PATIENCE, eventually
from tests.workers import REQUESTS, Counting, Once, ask, exactly_once, tallies

GROUP = group_of("inventory")


@pytest.fixture
def proxy():
    with Proxy() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch):
    """Called, it lets each step of a transaction take a second, and no longer."""
    return partial(monkeypatch.setattr, TransactionalProducer, "timeout", 1.0)


@pytest.fixture
def short(monkeypatch):
    """The broker aborts a transaction that is open for a second."""
    monkeypatch.setattr(kafka_cluster, "TRANSACTION_TIMEOUT_MS", 1_000)


@pytest.fixture
def owned():
    """What a test opens and does not close itself."""
    things = []
    yield things
    for thing in things:
        thing.discard()


def take_over(cluster, transactional_id, owned):
    producer = TransactionalProducer(cluster, transactional_id)
    owned.append(producer)
    producer.take_over()
    return producer


def send(producer, cluster, value=b"{}", partition=0):
    producer.send(cluster.name(REQUESTS), b"WH", value, [], partition=partition)


def sent(producer, cluster, value=b"{}"):
    """The record is on the topic, and its transaction open."""
    send(producer, cluster, value)
    producer.flush()


def group(cluster):
    """Of a group that nobody has joined."""
    return ConsumerGroupMetadata(cluster.name(GROUP), -1, "", None)


def ends(cluster, topic=REQUESTS, partition=0):
    """The partition's end with everything that is not committed, markers included."""
    log = TopicPartition(cluster.name(topic), partition)
    with cluster.consumer(isolation_level="read_uncommitted") as consumer:
        return consumer.end_offsets([log])[log]


def values(cluster):
    return [record.value for record in read(cluster, REQUESTS)]


# --- a commit that was none


def timed_out(cluster, produce, flush):
    """Send one record and wait until the broker has aborted its transaction."""
    ends(cluster)  # the new topic has its leader now
    produce(b"first")
    flush()
    end = ends(cluster)
    eventually(lambda: ends(cluster) > end, "the broker aborts the transaction")
    return produce(b"second")


def test_the_bare_client_takes_an_aborted_transaction_for_a_committed_one(cluster):
    """The trap itself: `commit_transaction` returns, and nothing was written. If this fails, kafka-python was
    repaired.
    """
    settings = {"transactional_id": "bare", "transaction_timeout_ms": 1_000}
    # The second record waits for the commit: if it is refused before, `commit_transaction` raises.
    with closing(KafkaProducer(bootstrap_servers=list(cluster.bootstrap), linger_ms=60_000, **settings)) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        future = timed_out(cluster, lambda v: producer.send(cluster.name(REQUESTS), v, partition=0), producer.flush)
        producer.commit_transaction()
        assert isinstance(future.exception, InvalidProducerEpochError)
    assert values(cluster) == []


def test_a_commit_of_an_aborted_transaction_raises(cluster, short, owned):
    producer = take_over(cluster, "late", owned)
    producer.begin()
    timed_out(cluster, lambda value: send(producer, cluster, value), producer.flush)
    with pytest.raises(KafkaError):
        producer.commit({}, None)
    assert values(cluster) == []


def test_a_batch_that_a_topic_does_not_take_ends_with_an_error(cluster, owned):
    name, limit = cluster.name(REQUESTS), "max.message.bytes"

    def limited():
        settings = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="all")
        return settings["topic"][name][limit]["value"] == "100000"

    with closing(cluster.admin()) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {limit: "100000"})])
        eventually(limited, "the topic takes less than a batch")
    producer = take_over(cluster, "splitter", owned)
    producer.begin()
    random = Random(0)
    for _ in range(120):
        send(producer, cluster, random.randbytes(1_000))
    with pytest.raises(MessageSizeTooLargeError, match=name):
        producer.commit({}, None)
    assert values(cluster) == []


def test_more_than_one_request_may_hold_is_sent_in_several_and_in_order(cluster, owned):
    """Batches of a partition, and bytes of a request: six megabytes that can't be compressed."""
    producer = take_over(cluster, "large", owned)
    random, sent_ = Random(0), []
    producer.begin()
    for number in range(60):
        sent_.append(b"%02d" % number + random.randbytes(100_000))
        send(producer, cluster, sent_[-1], partition=number % 2)
    producer.commit({}, None)
    assert values(cluster) == sent_[0::2] + sent_[1::2]


@pytest.mark.parametrize("point", ["after_produce", "after_offsets"])
def test_a_transaction_that_timed_out_is_done_again(cluster, short, point):
    """A handler, or a pause of the process, took longer than the broker allows."""
    ask(cluster, 9)
    worker = Counting(cluster)
    seen = []

    def outlast():
        end = ends(cluster, "inventory.responses")
        seen.append(worker.handled)
        eventually(lambda: ends(cluster, "inventory.responses") > end, "the broker aborts it")

    worker.at = Once(point, outlast)
    with worker:
        exactly_once(cluster, 9)
    assert seen == [0]


# --- nothing waits for ever


def test_a_commit_without_an_answer_ends_with_an_unknown_outcome(cluster, proxy, impatient, owned):
    producer = take_over(proxy.through(cluster), "silent", owned)
    producer.begin()
    sent(producer, cluster)
    impatient()
    proxy.on(ApiKey.EndTxn, Fault.SWALLOW_ANSWER, times=10)
    with pytest.raises(UnknownOutcomeError, match="no answer within"):
        producer.commit({}, None)


def test_an_abort_without_an_answer_ends_with_a_timeout(cluster, proxy, impatient, owned):
    producer = take_over(proxy.through(cluster), "silent", owned)
    producer.begin()
    sent(producer, cluster)
    impatient()
    proxy.on(ApiKey.EndTxn, Fault.SWALLOW_ANSWER, times=10)
    with pytest.raises(UnknownOutcomeError, match="no answer within"):
        producer.abort()


IN_A_TRANSACTION = [ApiKey.Produce, ApiKey.TxnOffsetCommit]


@pytest.mark.parametrize("api", IN_A_TRANSACTION)
def test_records_or_offsets_without_an_answer_end_with_a_timeout(cluster, proxy, impatient, owned, api):
    offsets = {TopicPartition(cluster.name(REQUESTS), 0): OffsetAndMetadata(0, "", -1)}
    producer = take_over(proxy.through(cluster), "silent", owned)
    rule = proxy.on(api, Fault.SWALLOW_ANSWER, times=10)
    producer.begin()
    send(producer, cluster)
    impatient()
    with pytest.raises(KafkaTimeoutError):
        producer.commit(offsets, group(cluster))
    assert rule.happened.is_set()


def test_a_transactional_id_that_nobody_grants_ends_with_a_timeout(cluster, proxy, impatient, owned):
    impatient()
    proxy.on(ApiKey.InitProducerId, Fault.SWALLOW_ANSWER, times=10)
    with pytest.raises(KafkaTimeoutError, match="the transactional id is taken over"):
        take_over(proxy.through(cluster), "silent", owned)


def test_a_frozen_broker_ends_with_a_timeout(broker, cluster, impatient, owned):
    producer = take_over(cluster, "frozen", owned)
    producer.begin()
    send(producer, cluster)
    impatient()
    broker.nodes[0].pause()
    try:
        with pytest.raises(KafkaTimeoutError):
            producer.commit({}, None)
    finally:
        broker.nodes[0].resume()


def test_a_discarded_producer_lets_its_waiters_go(cluster, proxy, owned, monkeypatch):
    """Another thread may discard it: whoever waits for a commit fails long before its limit."""
    monkeypatch.setattr(TransactionalProducer, "timeout", 600.0)
    producer = take_over(proxy.through(cluster), "silent", owned)
    producer.begin()
    send(producer, cluster)
    rule = proxy.on(ApiKey.EndTxn, Fault.SWALLOW_ANSWER)
    with ThreadPoolExecutor() as pool:
        commit = pool.submit(producer.commit, {}, None)
        assert rule.happened.wait(PATIENCE)
        producer.discard()
        with pytest.raises(UnknownOutcomeError, match="closed"):
            commit.result(timeout=PATIENCE)


# --- a request that got lost


@pytest.mark.parametrize("fault", [Fault.LOSE_REQUEST, Fault.LOSE_ANSWER])
@pytest.mark.parametrize("api", IN_A_TRANSACTION)
def test_a_transaction_of_which_a_request_was_lost_is_not_committed(cluster, proxy, owned, api, fault):
    offsets = {TopicPartition(cluster.name(REQUESTS), 0): OffsetAndMetadata(0, "", -1)}
    producer = take_over(proxy.through(cluster), "lossy", owned)
    rule = proxy.on(api, fault)
    producer.begin()
    send(producer, cluster, b"lost")
    with pytest.raises(KafkaError):
        producer.commit(offsets, group(cluster))
    assert rule.happened.is_set()
    again = take_over(proxy.through(cluster), "lossy", owned)
    again.begin()
    send(again, cluster, b"again")
    again.commit(offsets, group(cluster))
    assert values(cluster) == [b"again"]


def test_connections_that_were_closed_while_nothing_was_sent_are_made_anew(cluster, proxy, owned):
    producer = take_over(proxy.through(cluster), "idle", owned)
    for value in (b"first", b"second"):
        producer.begin()
        send(producer, cluster, value)
        producer.commit({}, None)
        proxy.cut()
    assert values(cluster) == [b"first", b"second"]


def test_after_an_unknown_outcome_each_record_is_handled_once(cluster, proxy, impatient):
    """Whether the commit had happened or not: the broker knows, and a new owner of the id asks it."""
    impatient()
    with Counting(proxy.through(cluster)) as worker:
        for round_, fault in enumerate(Fault, start=1):
            rule = proxy.on(ApiKey.EndTxn, fault, times=2)
            ask(cluster, 10, start=10 * round_ - 10)
            exactly_once(cluster, 10 * round_)
            assert rule.happened.is_set()
            proxy.heal()
        assert worker.status == "running"


def test_after_silence_in_a_transaction_each_record_is_handled_once(cluster, proxy, impatient):
    impatient()
    with Counting(proxy.through(cluster)):
        for round_, api in enumerate(IN_A_TRANSACTION, start=1):
            rule = proxy.on(api, Fault.SWALLOW_ANSWER)
            ask(cluster, 10, start=10 * round_ - 10)
            exactly_once(cluster, 10 * round_)
            assert rule.happened.is_set()


def test_cut_connections_lose_and_double_nothing(cluster, proxy):
    """Every connection of the service ends again and again while it works."""
    with Counting(proxy.through(cluster)) as worker:
        for start in range(0, 100, 20):
            ask(cluster, 20, start)
            proxy.cut()
            eventually(lambda seen=start: worker.handled >= seen + 10, "it goes on")
        exactly_once(cluster, 100)


def test_half_open_connections_lose_and_double_nothing(cluster, proxy, impatient):
    """They stay open and nothing passes, in neither direction, as behind a router that has forgotten them."""
    impatient()
    with Counting(proxy.through(cluster)) as worker:
        ask(cluster, 10)
        exactly_once(cluster, 10)
        proxy.half_open()
        ask(cluster, 10, start=10)
        exactly_once(cluster, 20)
        assert worker.status == "running"


# --- owners and zombies


def test_a_zombie_that_sends_is_refused_and_harms_nobody(cluster, owned):
    """kafka-python's own would ask for a new epoch, which aborts the owner's open transaction."""
    zombie = take_over(cluster, "inventory-0", owned)
    zombie.begin()
    sent(zombie, cluster, b"old")
    worker = Counting(cluster)
    recoveries = []
    worker.recovering, original = (lambda error: (recoveries.append(error), original(error))), worker.recovering
    worker.at = Once("after_produce", lambda: awaken(zombie, cluster))
    with worker:
        ask(cluster, 30)
        exactly_once(cluster, 30)
    assert worker.at.done
    assert recoveries == []


def awaken(zombie, cluster):
    with pytest.raises(InvalidProducerEpochError):
        sent(zombie, cluster, b"undead")


def test_the_bare_client_leaves_a_transaction_open_and_a_new_owner_ends_it(cluster, owned):
    """`close()` aborts nothing: what others commit behind it is not seen, until the id has a new owner or time is
    out.
    """
    dead = take_over(cluster, "dead", owned)
    dead.begin()
    sent(dead, cluster, b"unfinished")
    dead.discard()
    with cluster.producer() as other:
        other.send(cluster.name(REQUESTS), b"behind", partition=0).get(timeout=PATIENCE)
    with cluster.consumer() as consumer:
        consumer.assign([TopicPartition(cluster.name(REQUESTS), 0)])
        assert consumer.poll(timeout_ms=700) == {}
        take_over(cluster, "dead", owned)
        [batch] = eventually(lambda: consumer.poll(timeout_ms=200), "the record behind is seen").values()
        assert [record.value for record in batch] == [b"behind"]


def test_an_open_transaction_of_the_dead_ends_by_its_timeout(cluster, short, owned):
    ends(cluster)
    dead = take_over(cluster, "dead", owned)
    dead.begin()
    sent(dead, cluster, b"unfinished")
    dead.discard()
    with cluster.producer() as other:
        other.send(cluster.name(REQUESTS), b"behind", partition=0).get(timeout=PATIENCE)
    assert values(cluster) == []
    assert eventually(lambda: values(cluster), "the record behind is seen") == [b"behind"]


def test_an_abort_takes_position_and_state_back(cluster):
    """The handler refuses the last record of a batch at first: all that the batch had done counts for nothing."""

    class Hesitant(Counting):
        refusals = 0

        def handle(self, record, state):
            if record.message.order_id == "O-5" and self.refusals < 3:
                self.refusals += 1
                raise RetryLater("not yet")
            return super().handle(record, state)

    ask(cluster, 6, partitions=[0])
    with Hesitant(cluster) as worker:
        exactly_once(cluster, 6)
        assert worker.refusals == 3
        assert tallies(cluster) == {0: 6}


def remove(cluster, identity):
    with closing(cluster.admin()) as admin:
        admin.remove_group_members(cluster.name(GROUP), [MemberToRemove(group_instance_id=identity)])


def test_offsets_of_an_old_generation_are_refused(cluster, owned):
    """The transaction can only be aborted."""
    producer = take_over(cluster, "stale", owned)
    with cluster.consumer(GROUP, "stale") as consumer:
        consumer.subscribe([cluster.name(REQUESTS)])
        eventually(lambda: consumer.poll(timeout_ms=200) == {} and consumer.assignment(), "it has partitions")
        membership = consumer.group_metadata()
        remove(cluster, "stale")
        producer.begin()
        offsets = {TopicPartition(cluster.name(REQUESTS), 0): OffsetAndMetadata(5, "", -1)}
        with pytest.raises(UnknownMemberIdError):
            producer.commit(offsets, membership)
        producer.abort()
        assert consumer.committed(TopicPartition(cluster.name(REQUESTS), 0)) is None


def test_a_member_thrown_out_with_a_batch_in_hand_does_it_again(cluster):
    with Counting(cluster) as worker:
        for round_, point in enumerate(("after_poll", "after_handling", "after_produce"), start=1):
            worker.at = Once(point, lambda: remove(cluster, worker.identity))
            ask(cluster, 10, start=10 * round_ - 10)
            exactly_once(cluster, 10 * round_)
            assert worker.at.done


def test_a_member_that_missed_a_whole_owner_commits_nothing(cluster):
    """It slept with a batch in hand; meanwhile another did the work and left, so the group is empty: no generation is
    wrong there. kafka-python has reset its generation to "none" by then, and an empty group takes offsets from nobody
    in particular.
    """
    sleeper, other = Counting(cluster, "sleeper"), Counting(cluster, "other")

    def oversleep():
        remove(cluster, sleeper.identity)
        with other:
            eventually(lambda: other.handled == 30, "the other has done the work")
        membership = sleeper._loop._consumer.group_metadata
        eventually(lambda: membership().generation_id < 0, "the sleeper's client knows that it was thrown out")

    with sleeper:
        sleeper.at = Once("after_poll", oversleep)
        ask(cluster, 30)
        eventually(lambda: sleeper.at.done, "the sleeper wakes up")
        ask(cluster, 30, start=30)
        exactly_once(cluster, 60)


def members(cluster):
    return next(found.members for found in memberships(cluster) if found.group == GROUP)


def test_after_a_crash_an_instance_of_the_same_name_goes_on_at_once(cluster, monkeypatch):
    """Without a static identity it would wait for the dead one's session, and without its transactional id for a
    timeout: here ten minutes each.
    """
    monkeypatch.setitem(kafka_cluster._CONSUMER, "session_timeout_ms", 600_000)
    monkeypatch.setattr(kafka_cluster, "TRANSACTION_TIMEOUT_MS", 600_000)

    def crash():
        raise RuntimeError("pulled the plug")

    for round_, point in enumerate(POINTS, start=1):
        worker = Counting(cluster).start()
        worker.at = Once(point, crash)
        ask(cluster, 10, start=10 * round_ - 10)
        eventually(lambda dead=worker: dead.status == "failed", "the crash")
        assert members(cluster) == ("inventory-0",)  # it has left without a word
        with Counting(cluster):
            exactly_once(cluster, 10 * round_)


POINTS = ("after_poll", "after_handling", "after_produce", "after_offsets", "during_commit", "after_commit")


def test_the_older_of_two_instances_of_one_name_ends(cluster):
    """It says so, and neither throws the newer one out of the group nor doubles anything."""
    with Counting(cluster) as older, Counting(cluster) as newer:
        eventually(lambda: older.status == "fenced", "the older one notices")
        assert older.error == "another instance runs as inventory-0"
        ask(cluster, 30)
        exactly_once(cluster, 30)
        assert newer.status == "running"
        older.stop()
        ask(cluster, 30, start=30)
        exactly_once(cluster, 60)
        assert newer.status == "running"


def test_the_older_of_two_busy_instances_of_one_name_ends(cluster):
    with Counting(cluster) as older:
        ask(cluster, 300)
        with Counting(cluster) as newer:
            exactly_once(cluster, 300)
            eventually(lambda: older.status == "fenced", "the older one notices")
            assert newer.status == "running"


# --- settings


def test_a_transaction_does_not_sleep_a_tenth_of_a_second(cluster):
    """kafka-python sleeps `retry_backoff_ms` before it repeats a request of a transaction, and the first request is
    repeated whenever the markers of the last transaction are not yet written: nearly always.
    """
    with cluster.producer("fast") as producer:
        assert producer.config["retry_backoff_ms"] == 5
    assert KafkaProducer.DEFAULT_CONFIG["retry_backoff_ms"] == 100


def test_checksums_and_compression_run_in_c():
    import crc32c
    from kafka.record import util

    assert crc32c.crc32c(b"123456789") == util.calc_crc32c(b"123456789") == 0xE3069283
    assert util._crc32c is crc32c.crc32c
    assert has_lz4()
    assert has_snappy()


def test_a_consumer_sees_only_what_is_committed_from_the_start_and_commits_nothing_itself(cluster, owned):
    """Three of kafka-python's defaults would do otherwise."""
    defaults = KafkaConsumer.DEFAULT_CONFIG
    assert (defaults["isolation_level"], defaults["auto_offset_reset"], defaults["enable_auto_commit"]) == (
        "read_uncommitted",
        "latest",
        True,
    )
    producer = take_over(cluster, "writer", owned)
    for value, end in ((b"aborted", producer.abort), (b"committed", lambda: producer.commit({}, None))):
        producer.begin()
        sent(producer, cluster, value)
        end()
    with cluster.consumer("some-group") as consumer:
        consumer.subscribe([cluster.name(REQUESTS)])
        [batch] = eventually(lambda: consumer.poll(timeout_ms=200), "a record").values()
        assert [record.value for record in batch] == [b"committed"]
    with cluster.consumer("some-group") as consumer:
        assert consumer.committed(TopicPartition(cluster.name(REQUESTS), 0)) is None


def test_what_is_sent_in_one_transaction_is_seen_together_or_not_at_all(cluster, owned):
    producer = take_over(cluster, "writer", owned)
    producer.begin()
    for partition in range(3):
        send(producer, cluster, b"x", partition)
    producer.flush()
    with ThreadPoolExecutor() as pool:
        early = pool.submit(values, cluster)
        producer.commit({}, None)
        assert len(early.result(timeout=PATIENCE)) == 3
