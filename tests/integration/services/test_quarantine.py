"""What no service could handle is listed, mended and sent to where it came from: each once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecomkafka import messages as m
from ecomkafka.clients.reader import read
from ecomkafka.clients.record import Position
from ecomkafka.engine.worker import Worker
from ecomkafka.flow import QUARANTINE, Hop
from ecomkafka.messages import encode
from ecomkafka.services.quarantine import edit, quarantined, replay
from tests.commands import Here
from tests.waiting import PATIENCE, eventually
from tests.workers import ANSWERS, AT, REQUESTS, Counting, answers, ask

GOOD = m.Release(order_id="O-1", warehouse_id="WH", at=AT)
WITHOUT_PLACE = encode(GOOD).replace(b'"warehouse_id":"WH",', b"")


def put(cluster, *values, headers=(("h", b"v"),), topic=REQUESTS):
    with cluster.producer() as producer:
        for value in values:
            producer.send(cluster.name(topic), value, key=b"WH", headers=list(headers))
        producer.flush(timeout=PATIENCE)


def in_quarantine(cluster, count):
    return eventually(lambda: len(found := quarantined(cluster)) == count and found, f"{count} in quarantine")


class Fragile(Counting):
    """Has a bug, until it is repaired."""

    broken = True

    def handle(self, record, state):
        if self.broken:
            raise ZeroDivisionError("a bug")
        return super().handle(record, state)


@pytest.fixture
def service(cluster):
    with Counting(cluster) as running:
        yield running


@pytest.fixture
def crashed(cluster):
    """Three requests on which the handler crashed, and a service that is repaired."""
    with Fragile(cluster) as running:
        ask(cluster, 3)
        in_quarantine(cluster, 3)
        running.broken = False
        yield running


def test_it_is_listed_with_origin_service_and_error(cluster, service):
    put(cluster, WITHOUT_PLACE)
    (entry,) = in_quarantine(cluster, 1)
    (original,) = read(cluster, REQUESTS)
    assert entry.position == Position(QUARANTINE, 0, 0)
    assert (entry.origin, entry.service) == (str(original.position), "inventory")
    assert "missing required field `warehouse_id`" in entry.error
    assert (entry.classification, entry.state, entry.edited_from) == ("poison", "waiting", None)
    assert entry.value == WITHOUT_PLACE.decode()


def test_when_the_handler_is_repaired_a_replay_brings_everything_back_once(cluster, crashed):
    assert {entry.classification for entry in quarantined(cluster)} == {"crashed"}
    assert replay(cluster) == 3
    assert replay(cluster) == 0
    eventually(lambda: len(answers(cluster)) == 3, "the answers")
    assert answers(cluster) == Counter({f"O-{n}": 1 for n in range(3)})
    assert {entry.state for entry in quarantined(cluster)} == {"replayed"}
    again = {
        record.header("replay_of"): record for record in read(cluster, REQUESTS)[-9:] if record.header("replay_of")
    }
    assert set(again) == {str(entry.position) for entry in quarantined(cluster)}


def test_a_replayed_record_is_as_it_was(cluster):
    with Fragile(cluster):
        put(cluster, encode(GOOD))
        in_quarantine(cluster, 1)
    replay(cluster)
    original, again = read(cluster, REQUESTS)
    assert (again.key, again.value) == (original.key, original.value)
    assert {name for name, _ in again.headers} == {"h", "causation", "replay_of"}


def test_one_can_be_replayed(cluster, crashed):
    chosen = quarantined(cluster)[1].position
    assert replay(cluster, [str(chosen)]) == 1
    assert replay(cluster, [chosen]) == 0
    assert [entry.state for entry in quarantined(cluster)] == ["waiting", "replayed", "waiting"]


def test_replays_at_once_send_each_record_once(cluster, crashed):
    def attempt(_):
        try:
            return replay(cluster)
        except RuntimeError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(attempt, range(4)))
    replay(cluster)
    eventually(lambda: len(answers(cluster)) == 3, "the answers")
    assert answers(cluster) == Counter({f"O-{n}": 1 for n in range(3)}), told


def test_what_crashes_again_is_in_quarantine_again_and_can_be_replayed_then(cluster, crashed):
    crashed.broken = True
    chosen = quarantined(cluster)[0].position
    replay(cluster, [chosen])
    newest = in_quarantine(cluster, 4)[-1]
    assert (newest.state, newest.classification) == ("waiting", "crashed")
    crashed.broken = False
    assert replay(cluster) == 3
    eventually(lambda: len(answers(cluster)) == 3, "the answers")


def test_poison_is_not_replayed_before_it_is_edited(cluster, service):
    put(cluster, WITHOUT_PLACE)
    (entry,) = in_quarantine(cluster, 1)
    assert replay(cluster) == 0
    with pytest.raises(ValueError, match="quarantine:0:0 is no message of its topic: edit it first"):
        replay(cluster, [entry.position])

    place = edit(cluster, entry.position, {"warehouse_id": "WH"})
    original, edited = quarantined(cluster)
    assert (original.state, original.value) == ("edited", WITHOUT_PLACE.decode())
    assert (edited.position, edited.state, edited.edited_from) == (place, "waiting", str(original.position))
    assert (edited.origin, edited.service, edited.error) == (original.origin, original.service, original.error)
    assert replay(cluster) == 1
    eventually(lambda: answers(cluster) == Counter({"O-1": 1}), "the answer")
    assert replay(cluster) == 0
    assert read(cluster, REQUESTS)[-1].message == GOOD


@pytest.mark.parametrize("bytes_", [b"\x00garbage", b"", b"[1]", b"\xff", b"[" * 100_000, encode(GOOD)[:-3]])
def test_where_there_are_no_fields_the_whole_message_is_given(cluster, service, bytes_):
    put(cluster, bytes_)
    (entry,) = in_quarantine(cluster, 1)
    with pytest.raises(ValueError, match="no JSON object to change fields of"):
        edit(cluster, entry.position, {"warehouse_id": "WH"})
    edit(cluster, entry.position, {"order_id": "O-9"}, whole=encode(GOOD).decode())
    assert replay(cluster) == 1
    eventually(lambda: answers(cluster) == Counter({"O-9": 1}), "the answer")


def test_what_comes_of_an_edit_has_to_be_a_message_of_the_topic(cluster, service):
    put(cluster, WITHOUT_PLACE)
    (entry,) = in_quarantine(cluster, 1)
    cases = {
        "length >= 1": {"warehouse_id": ""},
        "order_id is .*: 1 to 100 printable characters are allowed": {"warehouse_id": "WH", "order_id": "a\nb"},
        "at is .*: from 1970 to a day after": {"warehouse_id": "WH", "at": "2999-01-01T00:00:00Z"},
        "missing required field `warehouse_id`": {"order_id": "O-2"},
        "unknown field `colour`": {"warehouse_id": "WH", "colour": "red"},
        "the type ORDER_EATEN is of a newer version": {"type": "ORDER_EATEN"},
        "nothing to change": {},
    }
    for sentence, fields in cases.items():
        with pytest.raises(ValueError, match=sentence):
            edit(cluster, entry.position, fields)
    with pytest.raises(ValueError, match="no record in quarantine at 'quarantine:0:9'"):
        edit(cluster, "quarantine:0:9", {"warehouse_id": "WH"})
    assert len(quarantined(cluster)) == 1


def test_what_was_edited_or_replayed_can_not_be_edited_any_more(cluster, service):
    put(cluster, WITHOUT_PLACE)
    (entry,) = in_quarantine(cluster, 1)
    place = edit(cluster, entry.position, {"warehouse_id": "WH"})
    with pytest.raises(ValueError, match="quarantine:0:0 is edited already"):
        edit(cluster, entry.position, {"warehouse_id": "OTHER"})
    replay(cluster)
    with pytest.raises(ValueError, match="is replayed already"):
        edit(cluster, place, {"warehouse_id": "OTHER"})


class Second(Worker):
    """Another service that reads the same topic."""

    hop = Hop("analytics", (REQUESTS,), (ANSWERS,))

    def handle(self, record, state):
        return ()


def test_what_two_services_could_not_handle_is_sent_once(cluster, service):
    with Second(cluster):
        put(cluster, WITHOUT_PLACE)
        first, second = in_quarantine(cluster, 2)
    assert {first.service, second.service} == {"inventory", "analytics"}
    for entry in (first, second):
        edit(cluster, entry.position, {"warehouse_id": "WH"})
    assert replay(cluster) == 1
    assert replay(cluster) == 0
    eventually(lambda: answers(cluster) == Counter({"O-1": 1}), "the answer")
    assert Counter(entry.state for entry in quarantined(cluster)) == {"replayed": 4}


def test_what_was_cut_says_so(cluster, service):
    put(cluster, b"\0" * 1_999_900, headers=[("h", b"v" * 500)])
    (entry,) = in_quarantine(cluster, 1)
    assert (entry.classification, entry.state) == ("cut", "waiting")
    assert replay(cluster) == 0
    for attempt in (lambda: replay(cluster, [entry.position]), lambda: edit(cluster, entry.position, {}, "{}")):
        with pytest.raises(ValueError, match="too large and is cut: only its origin has the whole"):
            attempt()


@pytest.mark.parametrize("headers", [[], [("origin", b"\xff")], [("origin", b"nowhere:0:0")]])
def test_what_does_not_say_where_it_came_from_is_listed_and_stays(cluster, headers):
    put(cluster, encode(GOOD), headers=headers, topic=QUARANTINE)
    (entry,) = quarantined(cluster)
    assert entry.classification == "lost"
    assert replay(cluster) == 0
    with pytest.raises(ValueError, match="does not say from which topic"):
        replay(cluster, [entry.position])


def test_a_record_that_looks_like_a_mark_is_none(cluster, service):
    """A mark is ours only; what others send keeps its place in the list."""
    put(cluster, encode(GOOD)[:-3], headers=[("replayed", b"quarantine:0:1")])
    put(cluster, None, headers=[("replayed", b"quarantine:0:0")])
    assert [entry.state for entry in in_quarantine(cluster, 2)] == ["waiting", "waiting"]


def test_the_command_line_lists_edits_and_replays(cluster, service, tmp_path):
    shop = Here(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    put(cluster, WITHOUT_PLACE)
    (entry,) = in_quarantine(cluster, 1)
    listed = shop.ok("quarantine", "list")
    assert all(text in listed for text in (entry.origin, "inventory", "poison", "warehouse_id"))
    assert "1 can't be replayed as it is" in shop.ok("quarantine", "replay")
    done = shop.run("quarantine", "edit", str(entry.position), "warehouse")
    assert done.returncode == 2
    assert done.stderr == "error: 'warehouse': FIELD=VALUE is needed, for example customer_id=ann\n"
    edited = shop.json("quarantine", "edit", str(entry.position), "warehouse_id=WH")
    assert edited == {"edited_from": str(entry.position), "position": str(quarantined(cluster)[-1].position)}
    assert shop.json("quarantine", "replay") == {"replayed": 1}
