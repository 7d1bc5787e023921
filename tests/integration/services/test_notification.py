"""Notifications on a real Kafka and over real SMTP: delivery, retries, dead letters and their replay."""

import io
import socket
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ecomkafka import logs
from ecomkafka.clients.reader import read
from ecomkafka.clock import ManualClock
from ecomkafka.flow import ROUTES
from ecomkafka.gateways.mail import CountingMailer, Mailer
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.messages import Kind, NotificationFailed, NotificationSent, Reason, SendNotification, encode
from ecomkafka.services.dead_letters import dead_letters, replay
from ecomkafka.services.notification import NotificationService
from tests.sending import REQUESTS, send
from tests.waiting import PATIENCE, eventually

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DELAYS = (0.05, 0.1)
EVENTS, LETTERS = "notifications.events", "notifications.dlq"
RETRIES = ("notifications.retry.1", "notifications.retry.2")


@pytest.fixture
def server():
    with MailServer() as running:
        yield running


@pytest.fixture
def service(cluster, server):
    with NotificationService(cluster, server=server, retry_delays=DELAYS) as running:
        yield running


def request(number=1, customer_id="customer-1"):
    return SendNotification(
        notification_id=f"O-{number}-CANCELLED",
        order_id=f"O-{number}",
        customer_id=customer_id,
        kind=Kind.ORDER_CANCELLED,
        total=Decimal("59.98"),
        reason=Reason.TIMEOUT,
        at=AT,
    )


def events(cluster, kind=NotificationSent):
    return [record.message for record in read(cluster, EVENTS) if isinstance(record.message, kind)]


def ended(cluster, count, kind=NotificationSent):
    """The events of `kind` as soon as there are `count`."""
    return eventually(lambda: (found := events(cluster, kind)) and len(found) >= count and found, f"{count} {kind}")


def test_a_request_becomes_a_mail_and_an_event(cluster, server, service):
    send(cluster, request())
    assert ended(cluster, 1) == [NotificationSent(notification_id="O-1-CANCELLED", order_id="O-1", attempt=1, at=AT)]
    (mail,) = server.messages
    assert (mail.notification_id, mail.subject) == ("O-1-CANCELLED", "⚠️ Order O-1 cancelled")


def test_a_mail_that_fails_three_times_becomes_a_dead_letter_with_its_history(cluster, server, service):
    stream = io.StringIO()
    log = logs.to_stream(stream)
    server.failure_rate = 1.0
    send(cluster, request())
    (failed,) = ended(cluster, 1, NotificationFailed)
    logs.detach(log)
    assert failed.attempts == 3
    assert failed.at == AT
    assert "451" in failed.error

    sent = [read(cluster, topic) for topic in (REQUESTS, *RETRIES, LETTERS)]
    assert [len(records) for records in sent] == [1, 1, 1, 1]
    original, first, second, letter = (records[0] for records in sent)
    assert [record.header("attempt") for record in (original, first, second)] == ["1", "2", "3"]
    assert [record.header("causation") for record in (first, second, letter)] == [
        str(record.position) for record in (original, first, second)
    ]
    for record in (first, second, letter):
        assert (record.key, record.value) == (original.key, original.value)
        assert set(original.headers) - {("attempt", b"1")} <= set(record.headers)
        assert record.header("origin") == str(original.position)
        assert "451" in record.header("error")
    assert (letter.header("attempts"), letter.header("class")) == ("3", "retryable")

    (told,) = dead_letters(cluster)
    assert (told.position, told.notification_id, told.order_id) == (letter.position, "O-1-CANCELLED", "O-1")
    assert (told.attempts, told.classification, told.state) == (3, "retryable", "waiting")
    for record, line in zip((original, first, second), told.history, strict=True):
        assert str(record.position) in line
    assert "451" in told.reason
    assert stream.getvalue().count("⚠️ dead letter") == 1
    assert "O-1-CANCELLED" in stream.getvalue()
    assert server.messages == []


def test_each_retry_waits_for_its_delay(cluster, server):
    """By a clock that stands still: nothing is tried again before its time, and at its time it is."""
    clock = ManualClock(AT)
    server.failure_rate = 1.0
    with NotificationService(cluster, server=server, retry_delays=(60, 240), clock=clock):
        send(cluster, request())
        (first,) = eventually(lambda: read(cluster, RETRIES[0]))
        assert datetime.fromisoformat(first.header("not_before")) == AT + timedelta(seconds=60)
        clock.advance(seconds=59)
        send(cluster, request(2))
        eventually(lambda: len(read(cluster, RETRIES[0])) == 2)
        assert read(cluster, RETRIES[1]) == []
        clock.advance(seconds=1)
        (second,) = eventually(lambda: read(cluster, RETRIES[1]))
        assert second.message.order_id == "O-1"
        assert datetime.fromisoformat(second.header("not_before")) == AT + timedelta(seconds=300)
        clock.advance(seconds=239)
        server.failure_rate = 0.0
        send(cluster, request(3))
        ended(cluster, 2)
        assert {event.order_id for event in events(cluster)} == {"O-2", "O-3"}
        clock.advance(seconds=1)
        assert (3, "O-1") in [(event.attempt, event.order_id) for event in ended(cluster, 3)]


def test_mail_that_comes_back_before_the_last_attempt_is_delivered(cluster, server):
    clock = ManualClock(AT)
    server.failure_rate = 1.0
    with NotificationService(cluster, server=server, retry_delays=(60, 240), clock=clock):
        send(cluster, request())
        eventually(lambda: read(cluster, RETRIES[0]))
        server.failure_rate = 0.0
        clock.advance(seconds=60)
        assert [event.attempt for event in ended(cluster, 1)] == [2]
    assert dead_letters(cluster) == []
    assert len(server.messages) == 1


def test_a_retry_that_waits_does_not_hold_up_others(cluster, server):
    """Of the same partition, too: same key, other topic."""
    clock = ManualClock(AT)
    server.failure_rate = 1.0
    with NotificationService(cluster, server=server, retry_delays=(60, 240), clock=clock):
        send(cluster, request())
        eventually(lambda: read(cluster, RETRIES[0]))
        server.failure_rate = 0.0
        send(cluster, *(request(n) for n in range(2, 12)))
        assert len(ended(cluster, 10)) == 10


def test_a_permanent_failure_goes_straight_to_the_dead_letters(cluster, server, service):
    send(cluster, request(customer_id="x" * 65))
    (failed,) = ended(cluster, 1, NotificationFailed)
    assert failed.attempts == 1
    (letter,) = dead_letters(cluster)
    assert letter.classification == "permanent"
    assert "no mail address" in letter.reason
    assert read(cluster, *RETRIES) == []


def test_mail_that_is_down_is_retried(cluster, server, service):
    server.stop()
    send(cluster, request())
    (failed,) = ended(cluster, 1, NotificationFailed)
    assert failed.attempts == 3
    assert "refused" in failed.error
    server.start()
    assert replay(cluster) == 1
    server.wait_for(1, PATIENCE)


def test_a_repeated_request_is_one_mail(cluster, server, service):
    send(cluster, request(), request())
    ended(cluster, 2)
    assert server.deliveries == 2
    assert len(server.messages) == 1


def test_a_crash_between_the_mail_and_the_commit_is_one_mail(cluster, server):
    """The transaction is lost, so the request comes again; the Message-ID makes the second mail harmless."""
    crashed = []

    def crash(point):
        if point == "after_handling" and server.deliveries and not crashed:
            crashed.append(point)
            raise ConnectionError("crash")

    service = NotificationService(cluster, server=server, retry_delays=DELAYS)
    service.at = crash
    with service:
        send(cluster, request())
        assert len(ended(cluster, 1)) == 1
    assert crashed
    assert server.deliveries == 2
    assert len(server.messages) == 1


def test_the_failure_rate_can_be_set_as_in_the_seeds_call(cluster):
    """With nothing given the service has a server of its own, and ends it."""
    notification_service = NotificationService(cluster, retry_delays=DELAYS)
    notification_service.failure_rate = 1.0
    with notification_service:
        send(cluster, request())
        ended(cluster, 1, NotificationFailed)
        notification_service.failure_rate = 0.0
        assert replay(cluster) == 1
        assert len(notification_service.server.wait_for(1, PATIENCE)) == 1
    own = notification_service.server
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((own.host, own.port), 1)


def test_a_server_outside_has_no_failure_rate(cluster, server):
    service = NotificationService(cluster, mailer=Mailer.of(f"{server.host}:{server.port}"))
    with pytest.raises(RuntimeError, match="embedded server"):
        service.failure_rate = 0.8
    with service:
        send(cluster, request())
        server.wait_for(1, PATIENCE)


def test_mails_can_be_counted_only(cluster):
    mailer = CountingMailer()
    with NotificationService(cluster, mailer=mailer):
        send(cluster, *(request(n) for n in range(50)))
        assert len(ended(cluster, 50)) == 50
    assert mailer.count >= 50


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"retry_delays": (1.0,)}, "one delay for each of notifications.retry.1, notifications.retry.2"),
        ({"retry_delays": (1.0, -1.0)}, "365 days"),
        ({"mailer": CountingMailer(), "server": MailServer()}, "give one of them"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        NotificationService(["localhost:9092"], **settings)


ODD = [
    ("attempt", b"0"),
    ("attempt", b"99"),
    ("attempt", b"-1"),
    ("attempt", b"\xff"),
    ("not_before", b"9999-01-01T00:00:00+00:00"),
    ("not_before", b"1970-01-01T00:00:00+00:00"),
    ("origin", b"\xff"),
]


def test_odd_headers_neither_stop_nor_mislead_the_service(cluster, server, service):
    for number, header in enumerate(ODD):
        send(cluster, request(number), headers=[header], topic=REQUESTS)
        send(cluster, request(100 + number), headers=[header], topic=RETRIES[0])
    delivered = ended(cluster, 2 * len(ODD))
    assert {event.attempt for event in delivered} == {1, 3}
    assert len(server.messages) == len(delivered) == 2 * len(ODD)


def test_a_time_that_is_none_goes_to_quarantine(cluster, server, service):
    send(cluster, request(1), headers=[("not_before", b"tomorrow")], topic=RETRIES[0])
    send(cluster, request(2), headers=[("not_before", b"2026-03-01T12:00:00")], topic=RETRIES[0])
    send(cluster, request(3))
    ended(cluster, 1)
    eventually(lambda: len(read(cluster, "quarantine")) == 2)
    assert {record.value for record in read(cluster, "quarantine")} == {encode(request(1)), encode(request(2))}


# --- replay


@pytest.fixture
def died(cluster, server, service):
    """Three dead letters, and mail that works again."""
    server.failure_rate = 1.0
    send(cluster, *(request(n) for n in (1, 2, 3)))
    ended(cluster, 3, NotificationFailed)
    server.failure_rate = 0.0
    return dead_letters(cluster)


def states(cluster):
    return {letter.order_id: letter.state for letter in dead_letters(cluster)}


def test_a_replay_sends_the_original_and_it_is_delivered(cluster, server, died):
    original = {record.key: record for record in read(cluster, REQUESTS)}
    assert replay(cluster) == 3
    assert [event.attempt for event in ended(cluster, 3)] == [1, 1, 1]
    again = [record for record in read(cluster, REQUESTS) if record.header("replay_of")]
    for record in again:
        assert record.value == original[record.key].value
        added = {name: record.header(name) or "" for name in ("replay_of", "causation", "traceparent")}
        assert dict(record.headers) == dict(original[record.key].headers) | {k: v.encode() for k, v in added.items()}
    assert {record.header("replay_of") for record in again} == {str(letter.position) for letter in died}
    assert len(server.messages) == server.deliveries == 3
    assert set(states(cluster).values()) == {"delivered"}


def test_a_second_replay_sends_nothing(cluster, service, died):
    service.stop()
    assert replay(cluster) == 3
    assert set(states(cluster).values()) == {"replayed"}
    assert replay(cluster) == 0
    service.start()
    ended(cluster, 3)
    assert replay(cluster) == 0


def test_a_replay_that_is_overtaken_by_another_sends_nothing(cluster, service, died, monkeypatch):
    """It has read what waits; before it sends, another one has sent it: the broker fences the first."""
    service.stop()
    overtaken = []

    def read_and_be_overtaken(*topics):
        records = read(*topics)
        if not overtaken:
            overtaken.append(True)
            assert replay(cluster) == 3
        return records

    monkeypatch.setattr("ecomkafka.services.dead_letters.read", read_and_be_overtaken)
    with pytest.raises(RuntimeError, match=r"another replay or edit of notifications\.dlq has begun"):
        replay(cluster)
    replayed = Counter(record.header("replay_of") for record in read(cluster, REQUESTS) if record.header("replay_of"))
    assert replayed == Counter({str(letter.position): 1 for letter in died})


def test_one_letter_can_be_replayed(cluster, died):
    assert replay(cluster, [str(died[1].position)]) == 1
    assert [event.order_id for event in ended(cluster, 1)] == [died[1].order_id]
    assert sorted(states(cluster).values()) == ["delivered", "waiting", "waiting"]


def test_a_position_without_a_dead_letter_is_named_and_nothing_is_sent(cluster, died):
    with pytest.raises(ValueError, match=r"no dead letter at 'notifications\.dlq:0:99999'"):
        replay(cluster, [died[0].position, "notifications.dlq:0:99999"])
    assert set(states(cluster).values()) == {"waiting"}


def test_what_was_delivered_meanwhile_is_not_sent_again(cluster, server, died):
    send(cluster, request(2))
    ended(cluster, 1)
    assert replay(cluster) == 2
    ended(cluster, 3)
    assert server.deliveries == 3


def test_two_letters_of_one_notification_are_one_replay(cluster, server, service):
    server.failure_rate = 1.0
    send(cluster, request(), request())
    ended(cluster, 2, NotificationFailed)
    server.failure_rate = 0.0
    assert replay(cluster) == 1
    ended(cluster, 1)
    assert replay(cluster) == 0
    assert server.deliveries == 1


def test_a_replay_that_fails_again_is_a_new_dead_letter_that_can_be_replayed(cluster, server, died):
    server.failure_rate = 1.0
    assert replay(cluster, [died[0].position]) == 1
    ended(cluster, 4, NotificationFailed)
    again = dead_letters(cluster)[-1]
    assert (again.order_id, again.state, len(again.history)) == (died[0].order_id, "waiting", 3)
    server.failure_rate = 0.0
    assert replay(cluster) == 3
    assert len(server.wait_for(3, PATIENCE)) == 3


def test_a_poison_letter_is_listed_and_not_replayed(cluster, service):
    send(cluster, b"\x00poison", headers=[], topic=LETTERS)
    (letter,) = dead_letters(cluster)
    assert (letter.notification_id, letter.classification, letter.state) == (None, "poison", "waiting")
    assert replay(cluster) == 0
    with pytest.raises(ValueError, match="is no notification, and would be quarantined: edit it first"):
        replay(cluster, [letter.position])


def test_without_dead_letters_a_replay_does_nothing(cluster):
    assert dead_letters(cluster) == []
    assert replay(cluster) == 0


def test_the_topics_of_requests_and_events_are_those_of_the_flow():
    assert ROUTES[SendNotification].topic == REQUESTS
    assert ROUTES[NotificationSent].topic == EVENTS
