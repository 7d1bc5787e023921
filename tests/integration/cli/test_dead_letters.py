"""Dead letters are classified, edited and sent again, from the command line too: each customer is told once."""

from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from kafka import TopicPartition

from ecomkafka.clients.reader import read
from ecomkafka.flow import DEAD_LETTERS
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.messages import Kind, NotificationFailed, SendNotification, encode
from ecomkafka.services.dead_letters import dead_letters, edit, replay
from ecomkafka.services.notification import NotificationService
from tests.commands import Here
from tests.sending import REQUESTS, send
from tests.waiting import PATIENCE, eventually

TOO_LONG = "x" * 65
"""A customer id of which no mail address can be made."""


@pytest.fixture
def server():
    with MailServer() as running:
        yield running


@pytest.fixture
def service(cluster, server):
    with NotificationService(cluster, server=server, retry_delays=(0.1, 0.2)) as running:
        yield running


def request(number=1, customer_id="customer-1"):
    return SendNotification(
        notification_id=f"O-{number}-CONFIRMED",
        order_id=f"O-{number}",
        customer_id=customer_id,
        kind=Kind.ORDER_CONFIRMED,
        total=Decimal("59.98"),
        at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )


def letters(cluster, count):
    return eventually(lambda: len(found := dead_letters(cluster)) == count and found, f"{count} dead letters")


@pytest.fixture
def unaddressed(cluster, service):
    """A letter that can't be delivered to the customer it names."""
    send(cluster, request(customer_id=TOO_LONG))
    (letter,) = letters(cluster, 1)
    return letter


def test_a_letter_is_retryable_permanent_or_poison(cluster, server, service, unaddressed):
    send(cluster, b"garbage", topic=DEAD_LETTERS)
    server.failure_rate = 1.0
    send(cluster, request(2))
    assert [letter.classification for letter in letters(cluster, 3)] == ["permanent", "poison", "retryable"]


def test_an_edited_letter_reaches_the_right_customer_once(cluster, server, unaddressed):
    place = edit(cluster, unaddressed.position, {"customer_id": "zoe"})
    original, edited = dead_letters(cluster)
    assert (original.position, original.state) == (unaddressed.position, "edited")
    assert (edited.position, edited.state, edited.classification) == (place, "waiting", "retryable")
    assert edited.history == (*original.history, f"edited from {original.position}")
    before, after = read(cluster, DEAD_LETTERS)
    assert before.message.customer_id == TOO_LONG, "the original is kept"
    assert after.header("edited_from") == str(before.position)

    assert replay(cluster) == 1
    (mail,) = server.wait_for(1, PATIENCE)
    assert mail.to == "zoe@customers.example"
    eventually(lambda: {letter.state for letter in dead_letters(cluster)} == {"delivered"}, "both are settled")
    assert replay(cluster) == 0
    assert server.deliveries == 1
    assert read(cluster, REQUESTS)[-1].header("edited_from") is None


def test_of_several_letters_of_a_notification_the_edited_one_is_sent(cluster, server, service):
    send(cluster, request(customer_id=TOO_LONG), request(customer_id=TOO_LONG))
    first, _ = letters(cluster, 2)
    service.stop()
    edit(cluster, first.position, {"customer_id": "zoe"})
    assert replay(cluster) == 1
    assert replay(cluster) == 0
    assert [letter.state for letter in dead_letters(cluster)] == ["edited", "replayed", "replayed"]
    service.start()
    assert [mail.to for mail in server.wait_for(1, PATIENCE)] == ["zoe@customers.example"]
    assert server.deliveries == 1


def test_what_was_replayed_long_ago_is_known_when_its_request_is_gone(cluster, server, unaddressed):
    """Requests are kept for 2 days, dead letters for 30: the note is with the letter."""
    edit(cluster, unaddressed.position, {"customer_id": "zoe"})
    assert replay(cluster) == 1
    server.wait_for(1, PATIENCE)
    eventually(lambda: {letter.state for letter in dead_letters(cluster)} == {"delivered"}, "it is told")
    with cluster.consumer() as consumer, closing(cluster.admin()) as admin:
        gone = [TopicPartition(cluster.name(t), p) for t in (REQUESTS, "notifications.events") for p in range(3)]
        admin.delete_records(consumer.end_offsets(gone))
    assert [letter.state for letter in dead_letters(cluster)] == ["edited", "replayed"]
    assert replay(cluster) == 0


def test_a_letter_that_was_delivered_replayed_or_edited_is_edited_no_more(cluster, server, unaddressed):
    place = edit(cluster, unaddressed.position, {"customer_id": "zoe"})
    with pytest.raises(ValueError, match="is edited already: only what waits can be edited"):
        edit(cluster, unaddressed.position, {"customer_id": "bob"})
    replay(cluster)
    server.wait_for(1, PATIENCE)
    with pytest.raises(ValueError, match=r"is (replayed|delivered) already"):
        edit(cluster, place, {"customer_id": "bob"})


def test_an_edit_that_makes_no_sense_is_refused_and_writes_nothing(cluster, unaddressed):
    cases = {
        "notification_id O-1-CONFIRMED has to stay": {"notification_id": "O-2-CONFIRMED"},
        "length >= 1": {"customer_id": ""},
        "has no mail address": {"customer_id": "Ж" * 90},
        "total is NaN": {"total": "NaN"},
        "unknown field `colour`": {"colour": "red"},
        "reason is BORED: this version has INSUFFICIENT_STOCK, PAYMENT_DECLINED": {"reason": "BORED"},
        "nothing to change: FIELD=VALUE is needed": {},
    }
    for sentence, fields in cases.items():
        with pytest.raises(ValueError, match=sentence):
            edit(cluster, unaddressed.position, fields)
    with pytest.raises(ValueError, match="no dead letter at 'elsewhere'"):
        edit(cluster, "elsewhere", {"customer_id": "zoe"})
    assert len(dead_letters(cluster)) == 1


def test_a_text_is_what_the_field_can_hold(cluster, unaddressed):
    edit(cluster, unaddressed.position, {"customer_id": "7", "total": "10", "reason": "null"})
    message = read(cluster, DEAD_LETTERS)[-1].message
    assert (message.customer_id, message.total, message.reason) == ("7", Decimal(10), None)


def test_poison_becomes_a_letter_when_the_whole_message_is_given(cluster, server, service):
    send(cluster, b"garbage", topic=DEAD_LETTERS)
    (letter,) = dead_letters(cluster)
    edit(cluster, letter.position, {"customer_id": "zoe"}, encode(request()).decode())
    assert replay(cluster) == 1
    assert [mail.to for mail in server.wait_for(1, PATIENCE)] == ["zoe@customers.example"]


def test_a_permanent_failure_that_is_not_mended_is_a_letter_again(cluster, unaddressed):
    assert replay(cluster) == 1
    first, again = letters(cluster, 2)
    assert (first.state, again.state, again.classification) == ("replayed", "waiting", "permanent")
    assert [type(record.message) for record in read(cluster, "notifications.events")] == [NotificationFailed] * 2


def test_the_command_line_lists_edits_and_replays(cluster, server, unaddressed, tmp_path):
    shop = Here(tmp_path, BOOTSTRAP=",".join(cluster.bootstrap), NAMESPACE=cluster.namespace)
    place = str(unaddressed.position)
    done = shop.run("dlq", "edit", place, "customer_id=")
    assert (done.returncode, done.stdout) == (1, "")
    assert "length >= 1" in done.stderr
    assert shop.ok("dlq", "edit", place, "customer_id=zoe").startswith(f"{place} is kept; notifications.dlq:0:")
    assert shop.ok("dlq", "replay") == "1 dead letter replayed\n"
    server.wait_for(1, PATIENCE)
    eventually(lambda: {letter.state for letter in dead_letters(cluster)} == {"delivered"}, "it is told")
    listed = shop.ok("dlq", "list")
    assert all(text in listed for text in ("O-1-CONFIRMED", "permanent", "retryable", "delivered", "no mail address"))
    assert f"edited from {place}" in listed
    told = shop.json("dlq", "list")["dead_letters"]
    assert told[1]["history"][-1] == f"edited from {place}"
