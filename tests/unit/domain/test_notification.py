"""The retry policy and the text of mails, as plain data."""

from datetime import UTC, datetime
from decimal import Decimal
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecomkafka.domain.mail_text import address, mail_for, message_id, notification_id
from ecomkafka.domain.retry_policy import DeadLetter, Failure, Retry, RetryPolicy, delays_of, is_retryable
from ecomkafka.gateways.mail import compose
from ecomkafka.messages import Kind, Reason, SendNotification

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
DOWN = Failure(retryable=True, text="451 try again")


def some_text(longest):
    return st.text(st.characters(codec="utf-8"), min_size=1, max_size=longest)


def request(customer_id="customer-123", order_id="ORD-1", kind=Kind.ORDER_CONFIRMED, reason=None):
    return SendNotification(
        notification_id=f"{order_id}-{kind}",
        order_id=order_id,
        customer_id=customer_id,
        kind=kind,
        total=Decimal("2029.97"),
        reason=reason,
        at=AT,
    )


def test_the_first_failures_are_retried_each_after_a_longer_wait():
    policy = RetryPolicy()
    assert policy.decide(1, DOWN) == Retry(index=0, delay=1.0)
    assert policy.decide(2, DOWN) == Retry(index=1, delay=4.0)


def test_the_third_failure_is_the_last():
    assert RetryPolicy().decide(3, DOWN) == DeadLetter(reason="attempt 3 of 3: 451 try again")


def test_an_attempt_beyond_the_last_is_not_retried():
    assert isinstance(RetryPolicy().decide(99, DOWN), DeadLetter)


def test_a_permanent_failure_is_not_retried():
    failure = Failure(retryable=False, text="550 no such user")
    assert RetryPolicy().decide(1, failure) == DeadLetter(reason="550 no such user")
    assert failure.classification == "permanent"


def test_the_delays_say_how_many_attempts_there_are():
    policy = RetryPolicy((0.5,))
    assert policy.attempts == 2
    assert policy.decide(1, DOWN) == Retry(index=0, delay=0.5)
    assert isinstance(policy.decide(2, DOWN), DeadLetter)


@pytest.mark.parametrize("delay", [-1.0, float("nan"), float("inf")])
def test_a_delay_that_is_no_wait_is_refused(delay):
    with pytest.raises(ValueError, match="seconds, 0 or more"):
        RetryPolicy((1.0, delay))


@pytest.mark.parametrize(
    ("code", "expected"),
    [(None, True), (421, True), (450, True), (451, True), (452, True), (500, False), (550, False), (554, False)],
)
def test_only_a_5yz_reply_is_permanent(code, expected):
    assert is_retryable(code) is expected


def test_a_confirmation_names_order_and_total():
    mail = mail_for(request())
    assert mail.subject == "✅ Order ORD-1 confirmed"
    assert mail.to == "customer-123@customers.example"
    assert "2,029.97" in mail.body
    assert mail.at == AT


@pytest.mark.parametrize("reason", list(Reason))
def test_a_cancellation_gives_every_reason_in_plain_words(reason):
    mail = mail_for(request(kind=Kind.ORDER_CANCELLED, reason=reason))
    assert mail.subject == "⚠️ Order ORD-1 cancelled"
    assert "You pay nothing" in mail.body
    assert reason not in mail.body
    assert "not told" not in mail.body


def test_each_reason_has_its_own_words():
    bodies = {mail_for(request(kind=Kind.ORDER_CANCELLED, reason=reason)).body for reason in (*Reason, None)}
    assert len(bodies) == len(Reason) + 1


@pytest.mark.parametrize(
    ("customer_id", "expected"),
    [
        ("customer-123", "customer-123"),
        ("ann.lee+shop", "ann.lee+shop"),
        ("zoë", "zo%C3%AB"),
        ("a b@c", "a%20b%40c"),
        ("50%", "50%25"),
        (".a..b.", "%2Ea%2E%2Eb%2E"),
        ("x\r\nBcc: y", "x%0D%0ABcc%3A%20y"),
        ("=?utf-8?q?x?=", "%3D%3Futf-8%3Fq%3Fx%3F%3D"),
        ("x" * 64, "x" * 64),
    ],
)
def test_a_customer_id_becomes_an_address(customer_id, expected):
    assert address(customer_id) == f"{expected}@customers.example"


def test_a_customer_id_too_long_for_an_address_is_named():
    with pytest.raises(ValueError, match=r"customer_id 'x+.* has no mail address: 65 octets"):
        address("x" * 65)


@given(some_text(20), some_text(20))
def test_two_customers_never_share_an_address(one, other):
    try:
        assert (address(one) == address(other)) is (one == other)
    except ValueError as error:
        assert "no mail address" in str(error)  # noqa: PT017 - the other outcome is as good


@given(some_text(15), some_text(100))
@example("=?utf-8?q?x?=", "=?utf-8?q?=0D=0ABcc=3A_y=40z.example?=")
@example("x\r\nBcc: y", "x\r\nBcc: y")
def test_no_id_can_change_the_headers_of_a_mail(customer_id, order_id):
    """Read back from its bytes, a mail has the headers that it should have, once each, and one recipient."""
    try:
        mail = mail_for(request(customer_id, order_id))
    except ValueError:
        assert len(customer_id.encode()) > 64 // 3
        return
    sent = message_from_bytes(compose(mail).as_bytes(policy=policy.SMTP), policy=policy.default)
    assert sorted(sent.keys()) == sorted(
        ["Message-ID", "Date", "From", "To", "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    )
    assert [str(to) for to in sent["To"].addresses] == [mail.to]
    assert sent["Subject"] == mail.subject
    assert sent.get_content().splitlines() == mail.body.splitlines()


@given(some_text(100))
def test_a_notification_is_found_again_by_its_message_id(text):
    assert notification_id(message_id(text)) == text
    assert message_id(text).isascii()


@pytest.mark.parametrize(
    "order_id",
    ["😀" * 100, "株" * 100, "é" * 100, '"' * 100, "x" * 100, chr(0x10FFFD) * 100],
    ids=lambda text: ascii(text[0]),
)
def test_an_order_id_of_any_script_can_be_told(order_id):
    told = request("ann", order_id)
    content = compose(mail_for(told)).as_bytes(policy=policy.SMTP)
    assert max(map(len, content.split(b"\r\n"))) <= 998, "a mail server refuses longer lines (RFC 5322, 2.1.1)"
    back = message_from_bytes(content, policy=policy.default)
    assert notification_id(str(back["Message-ID"])) == told.notification_id


def test_the_message_id_of_an_id_that_fits_stays_as_released_versions_write_it():
    """By it a mail server recognises a second copy, also one that an older version has sent."""
    assert (
        message_id("株" * 100 + "-ORDER_CONFIRMED") == "<" + "%E6%A0%AA" * 100 + "-ORDER_CONFIRMED@ecomkafka.example>"
    )
    assert message_id("ORD-0001-ORDER_CONFIRMED") == "<ORD-0001-ORDER_CONFIRMED@ecomkafka.example>"


@given(st.text(max_size=150), st.text(max_size=150))
@example("%-YQ", "a")
def test_two_notifications_never_share_a_message_id(one, other):
    assert (message_id(one) == message_id(other)) is (one == other)


@pytest.mark.parametrize("delay", [-1, float("nan"), float("inf"), 1e30, 10**400, True, "1", None])
def test_a_given_delay_is_a_wait_of_at_most_a_year(delay):
    with pytest.raises(ValueError, match=r"retry delay is .*: from 0 to 31,536,000 seconds \(365 days\) are allowed"):
        delays_of([1, delay], ["first", "second"])


@pytest.mark.parametrize("delays", [5, None, "12", [], [1], [1, 2, 3]])
def test_given_delays_are_a_list_with_one_for_each_retry(delays):
    with pytest.raises(ValueError, match=r"^retry_delays is .*: (one delay for each of first|a list of seconds)"):
        delays_of(delays, ["first", "second"])
