"""Mail over real SMTP: the embedded server, and the mailer against servers that refuse, hang, drip or hang up."""

import multiprocessing
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

import pytest

from ecomkafka.domain.mail_text import Mail
from ecomkafka.gateways.mail import CountingMailer, Mailer, MailError
from ecomkafka.gateways.mail_server import MailServer
from tests.waiting import PATIENCE

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
GREETING, HELLO, OK = b"220 here\r\n", b"250 hello\r\n", b"250 ok\r\n"


def mail(number=1):
    return Mail(
        notification_id=f"N-{number}",
        to="customer-1@customers.example",
        subject="✅ Order O-1 confirmed",
        body="Hello,\n\n.leading dot, ✅\n",
        at=AT,
    )


@pytest.fixture
def server():
    with MailServer() as running:
        yield running


@pytest.fixture
def mailer(server):
    sender = Mailer(server.host, server.port)
    yield sender
    sender.close()


@contextmanager
def scripted(*replies, timeout=PATIENCE):
    """A mailer with this limit, and its server: it gives these replies, one for each line of the client, then falls
    silent; at None it hangs up.
    """
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listener.accept()[0] as client, client.makefile("rb") as lines:
            client.sendall(replies[0])
            for reply in replies[1:]:
                lines.readline()
                if reply is None:
                    return
                client.sendall(reply)
            while lines.readline():
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    yield Mailer("127.0.0.1", listener.getsockname()[1], timeout=timeout)
    thread.join(PATIENCE)
    listener.close()
    assert not thread.is_alive()


def failure(mailer):
    """The MailError of sending a mail; the mailer is closed."""
    with pytest.raises(MailError) as caught:
        mailer.send(mail())
    mailer.close()
    return caught.value


# --- delivery


def test_a_mail_arrives_as_it_was_written(server, mailer):
    mailer.send(mail())
    assert server.messages == [("N-1", mail().to, mail().subject, mail().body)]


def test_a_mail_sent_twice_is_delivered_twice_and_shown_once(server, mailer):
    for number in (1, 2, 1):
        mailer.send(mail(number))
    assert [message.notification_id for message in server.messages] == ["N-1", "N-2"]
    assert server.deliveries == 3


def test_many_mails_share_one_connection(server, mailer, monkeypatch):
    opened = []
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *args: opened.append(args) or connect(*args))
    for number in range(20):
        mailer.send(mail(number))
    assert len(server.messages) == 20
    assert len(opened) == 1


def test_a_connection_that_broke_is_made_anew(server, mailer):
    mailer.send(mail(1))
    server.stop()
    server.start()
    mailer.send(mail(2))
    assert [message.notification_id for message in server.messages] == ["N-1", "N-2"]


def test_a_refused_mail_does_not_end_the_conversation(server, mailer):
    server.failure_rate = 1.0
    for _ in range(3):
        with pytest.raises(MailError):
            mailer.send(mail())
    server.failure_rate = 0.0
    mailer.send(mail())
    assert server.deliveries == 1


# --- failure


def test_a_failing_server_answers_451(server, mailer):
    server.failure_rate = 1.0
    error = failure(mailer)
    assert (error.retryable, error.code) == (True, 451)
    assert "try again" in str(error)
    assert server.deliveries == 0


def test_nobody_listens(server, mailer):
    server.stop()
    error = failure(mailer)
    assert (error.retryable, error.code) == (True, None)
    assert f"127.0.0.1:{server.port}" in str(error)


@pytest.mark.parametrize(
    ("replies", "retryable", "code"),
    [
        ([b"421 busy\r\n"], True, 421),
        ([b"554 no service\r\n"], False, 554),
        ([b"hello?\r\n"], True, None),
        ([GREETING, HELLO, b"550 who\xff are you\r\n", OK], False, 550),
        ([GREETING, HELLO, OK, b"550 no such user\r\n", OK], False, 550),
        ([GREETING, HELLO, OK, b"450 mailbox busy\r\n", OK], True, 450),
        ([GREETING, HELLO, OK, OK, b"552 too big\r\n", OK], False, 552),
        ([GREETING, HELLO, OK, b"421 closing\r\n"], True, 421),
        ([GREETING, HELLO, OK, None], True, None),
    ],
)
def test_what_a_server_may_answer_is_told_apart(replies, retryable, code):
    with scripted(*replies) as mailer:
        error = failure(mailer)
    assert (error.retryable, error.code) == (retryable, code)


@pytest.mark.parametrize(
    "replies", [[b""], [GREETING], [GREETING, HELLO, OK], [GREETING, HELLO, OK, OK, b"354 go\r\n"]]
)
def test_a_server_that_falls_silent_is_left_in_time(replies):
    with scripted(*replies, timeout=0.5) as mailer:
        error = failure(mailer)
    assert (error.retryable, error.code) == (True, None)


def test_a_server_that_drips_does_not_stretch_the_limit():
    """A byte every 0.1 s: no single wait is too long, all together would take for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip():
        with listener.accept()[0] as client:
            while not over.wait(0.1):
                try:
                    client.sendall(b"2")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    error = failure(Mailer("127.0.0.1", listener.getsockname()[1], timeout=0.5))
    over.set()
    thread.join(PATIENCE)
    listener.close()
    assert error.retryable


def test_a_mail_that_cannot_be_written_is_a_permanent_failure(mailer):
    with pytest.raises(MailError) as caught:
        mailer.send(Mail(notification_id="N", to="a@b.example\r\nBcc: c@d.example", subject="", body="", at=AT))
    assert caught.value.retryable is False


@pytest.mark.parametrize(
    "address", ["", "localhost", "localhost:", "localhost:0", "localhost:65536", "a b:25", "::1:25"]
)
def test_a_server_address_that_is_none_is_named(address):
    with pytest.raises(ValueError, match="'host:port' is needed"):
        Mailer.of(address)


def test_a_server_may_be_given_as_text(server):
    mailer = Mailer.of(f"{server.host}:{server.port}")
    mailer.send(mail())
    mailer.close()
    assert server.deliveries == 1


def test_mails_can_be_counted_without_a_server():
    mailer = CountingMailer()
    for number in range(3):
        mailer.send(mail(number))
    mailer.close()
    assert mailer.count == 3


# --- the embedded server


def test_the_same_seed_fails_the_same_mails():
    outcomes = []
    for seed in (1, 1, 2):
        with MailServer(failure_rate=0.5, random=Random(seed)) as server:
            mailer = Mailer(server.host, server.port)
            for number in range(30):
                try:
                    mailer.send(mail(number))
                except MailError as error:
                    assert error.code == 451  # noqa: PT017 - the other outcome is as good
            mailer.close()
            outcomes.append([message.notification_id for message in server.messages])
    assert outcomes[0] == outcomes[1] != outcomes[2]
    assert 5 <= len(outcomes[0]) <= 25


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), float("inf"), "0.5", None, True])
def test_a_failure_rate_that_is_no_share_is_refused_and_changes_nothing(rate):
    server = MailServer(failure_rate=0.25)
    with pytest.raises(ValueError, match="failure_rate is"):
        server.failure_rate = rate
    assert server.failure_rate == 0.25


def test_a_server_goes_down_and_comes_back_with_its_port_and_its_mails(server, mailer):
    port = server.port
    mailer.send(mail())
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
    server.start()
    assert server.port == port
    assert len(server.messages) == 1


def test_a_server_stops_at_once_though_clients_stay_connected(server):
    """Also with one in the middle of a mail."""
    clients = [socket.create_connection((server.host, server.port), 1) for _ in range(3)]
    clients[0].sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nhalf a m")
    server.stop()
    for client in clients:
        client.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "mail-server"]


def test_a_server_that_was_never_started_has_no_port():
    server = MailServer()
    server.stop()
    with pytest.raises(RuntimeError, match="start"):
        _ = server.port


def test_a_server_is_not_started_twice(server):
    with pytest.raises(RuntimeError, match=f"runs already on 127.0.0.1:{server.port}"):
        server.start()


def test_threads_that_stop_a_server_at_once_stop_it_once(server):
    with ThreadPoolExecutor() as pool:
        for stopping in [pool.submit(server.stop) for _ in range(4)]:
            stopping.result(60)
    server.start()


def test_a_port_that_was_taken_meanwhile_is_an_error_and_no_wait(server):
    port = server.port
    server.stop()
    with socket.create_server(("127.0.0.1", port)), pytest.raises(OSError, match="in use"):
        server.start()
    server.start()
    assert server.port == port


def test_waiting_for_mails_says_how_many_came(server, mailer):
    mailer.send(mail())
    assert len(server.wait_for(1, PATIENCE)) == 1
    with pytest.raises(TimeoutError, match=r"1 of 2 mails arrived in 0\.1 s"):
        server.wait_for(2, timeout=0.1)


# --- a mailbox that stays


def send_and_die(directory):
    server = MailServer(directory=directory).start()
    mailer = Mailer(server.host, server.port)
    for number in (1, 2, 1):
        mailer.send(mail(number))
    os._exit(9)


def test_a_mailbox_outlives_its_killed_process_and_is_read_by_another(tmp_path):
    directory = tmp_path / "mailbox"
    process = multiprocessing.get_context("spawn").Process(target=send_and_die, args=(directory,))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == 9
    reader = MailServer(directory=directory)
    assert reader.messages == [("N-1", mail().to, mail().subject, mail().body), ("N-2", *reader.messages[0][1:])]
    assert reader.deliveries == 3


def test_two_servers_with_one_mailbox_show_a_mail_once(tmp_path):
    """A notification's second copy may go through the server of another instance."""
    with MailServer(directory=tmp_path / "mailbox") as one, MailServer(directory=tmp_path / "mailbox") as other:
        for server in (one, other):
            mailer = Mailer(server.host, server.port)
            mailer.send(mail())
            mailer.close()
        assert len(one.messages) == len(other.messages) == 1
        assert one.deliveries == other.deliveries == 2


def test_a_mailbox_that_cannot_take_a_mail_lets_it_be_tried_again(tmp_path):
    with MailServer(directory=tmp_path / "mailbox") as server:
        (tmp_path / "mailbox" / "tmp").rmdir()
        mailer = Mailer(server.host, server.port)
        error = failure(mailer)
        assert (error.retryable, error.code) == (True, 452)
        (tmp_path / "mailbox" / "tmp").mkdir()
        mailer.send(mail())
        mailer.close()
        assert len(server.messages) == 1
