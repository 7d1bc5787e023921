"""The world outside as a chaos run breaks it: does what it is asked, and does not say so."""

import socket
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ecomkafka.domain.mail_text import Mail
from ecomkafka.faults import ForgetfulGateway
from ecomkafka.faults.lost_payment_answer import switch_of
from ecomkafka.faults.network_proxy import Proxy
from ecomkafka.gateways.mail import Mailer, MailError
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.gateways.payment import LedgerGateway, PaymentUnavailable
from tests.waiting import PATIENCE, eventually

PRICE = Decimal("9.99")


def test_a_forgetful_gateway_charges_and_does_not_answer_until_it_remembers(tmp_path):
    switch = switch_of(tmp_path / "ledger")
    with LedgerGateway(tmp_path / "ledger") as ledger:
        gateway = ForgetfulGateway(ledger, switch.exists)
        switch.touch()
        with pytest.raises(PaymentUnavailable, match="answer was lost"):
            gateway.charge("O-1", "ann", PRICE)
        switch.unlink()
        assert gateway.charge("O-1", "ann", PRICE)
        (charge,) = ledger.charges()
        assert (charge.state, charge.asked) == ("APPROVED", 2)


def test_a_forgetful_gateway_voids_and_does_not_answer(tmp_path):
    switch = switch_of(tmp_path / "ledger")
    with LedgerGateway(tmp_path / "ledger") as ledger:
        switch.touch()
        with pytest.raises(PaymentUnavailable):
            ForgetfulGateway(ledger, switch.exists).void("O-1")
        assert not ledger.charge("O-1", "ann", PRICE)


def test_a_mail_server_that_answers_too_late_has_the_mail_and_shows_it_once():
    mail = Mail(notification_id="N-1", to="ann@customers.example", subject="s", body="b", at=datetime.now(UTC))
    with MailServer() as server:
        server.delay = 1.0

        def has_come_all_the_same():
            with closing(Mailer(server.host, server.port, timeout=0.3)) as impatient, pytest.raises(MailError):
                impatient.send(mail)
            return server.deliveries

        # A busy machine may not even have connected in so short a time.
        eventually(has_come_all_the_same, "the mail is taken though its answer is too late")
        server.delay = 0.0
        patient = Mailer(server.host, server.port, timeout=PATIENCE)
        patient.send(mail)
        patient.close()
        assert server.deliveries > 1
        assert len(server.messages) == 1


@pytest.fixture
def broker_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def connect(proxy, port):
    """The proxy's answer to a client that wants to get to `port`."""
    host, _, own = proxy.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(own)), PATIENCE) as client:
        client.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode())
        return client.recv(100)


def test_a_client_that_is_frozen_before_it_says_where_to_keeps_nobody_waiting(broker_port):
    with Proxy() as proxy:
        host, _, own = proxy.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(own)), PATIENCE):
            assert connect(proxy, broker_port).startswith(b"HTTP/1.1 200")


def test_a_client_of_a_dead_broker_is_told_at_once():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = listener.getsockname()[1]
    with Proxy() as proxy:
        assert connect(proxy, dead) == b""
