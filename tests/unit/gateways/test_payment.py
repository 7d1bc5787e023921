"""The payment ledger: one charge an order, whoever asks how often; and the circuit breaker before it."""

import multiprocessing
import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal

import pytest

from ecomkafka.gateways.payment import Charge, LedgerGateway, PaymentUnavailable, ProtectedGateway
from tests.waiting import PATIENCE

AMOUNT = Decimal("2029.97")


@pytest.fixture(params=["memory", "file"])
def ledger(request, tmp_path):
    with LedgerGateway(tmp_path / "ledger.sqlite" if request.param == "file" else None) as gateway:
        yield gateway


def test_a_repeated_charge_gets_the_first_answer_and_charges_once(ledger):
    assert [ledger.charge("O-1", "C-1", AMOUNT) for _ in range(3)] == [True, True, True]
    assert ledger.charges() == [Charge("O-1", "C-1", AMOUNT, "APPROVED", 3)]


def test_a_test_customer_is_declined_again_and_again(ledger):
    assert [ledger.charge("O-1", "declined-7", AMOUNT) for _ in range(2)] == [False, False]
    assert ledger.charges() == [Charge("O-1", "declined-7", AMOUNT, "DECLINED", 2)]


def test_a_void_undoes_the_charge_and_refuses_the_next(ledger):
    ledger.charge("O-1", "C-1", AMOUNT)
    ledger.void("O-1")
    ledger.void("O-1")
    assert ledger.charge("O-1", "C-1", AMOUNT) is False
    assert ledger.charges() == [Charge("O-1", "C-1", AMOUNT, "VOIDED", 2)]


def test_a_charge_that_arrives_after_its_void_is_refused(ledger):
    """The charge's answer never came, it was voided, and only then it got through."""
    ledger.void("O-1")
    assert ledger.charge("O-1", "C-1", AMOUNT) is False
    assert [charge.state for charge in ledger.charges()] == ["VOIDED"]


def test_a_declined_charge_stays_declined_after_a_void(ledger):
    ledger.charge("O-1", "declined-7", AMOUNT)
    ledger.void("O-1")
    assert [charge.state for charge in ledger.charges()] == ["DECLINED"]


@pytest.mark.parametrize("amount", ["0.10", "0", "1000000.0001"])
def test_money_is_kept_exactly(ledger, amount):
    ledger.charge("O-1", "C-1", Decimal(amount))
    assert str(ledger.charges()[0].amount) == amount


@pytest.mark.parametrize("amount", ["NaN", "-1", "Infinity"])
def test_an_impossible_amount_is_refused_and_not_noted(ledger, amount):
    with pytest.raises(ValueError, match="amount is"):
        ledger.charge("O-1", "C-1", Decimal(amount))
    assert ledger.charges() == []


def declined(gateway):
    return {f"O-{n}" for n in range(400) if not gateway.charge(f"O-{n}", "C-1", AMOUNT)}


def test_which_orders_are_declined_depends_on_seed_and_order_alone():
    with LedgerGateway(decline_rate=0.3, seed=7) as one, LedgerGateway(decline_rate=0.3, seed=7) as other:
        for n in reversed(range(400)):
            other.charge(f"O-{n}", "C-2", AMOUNT)
        assert declined(one) == declined(other)
        assert 90 <= len(declined(one)) <= 150
        with LedgerGateway(decline_rate=0.3, seed=8) as third:
            assert declined(third) != declined(one)


@pytest.mark.parametrize(("rate", "count"), [(0.0, 0), (1.0, 400)])
def test_the_ends_of_the_decline_rate_are_exact(rate, count):
    with LedgerGateway(decline_rate=rate) as gateway:
        assert len(declined(gateway)) == count


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), "0.5", True])
def test_a_decline_rate_that_is_no_share_is_refused(ledger, rate):
    with pytest.raises(ValueError, match="from 0"):
        LedgerGateway(decline_rate=rate)
    with pytest.raises(ValueError, match="from 0"):
        ledger.decline_rate = rate
    assert ledger.decline_rate == 0


def test_a_new_decline_rate_counts_for_new_charges_and_changes_no_answer(ledger):
    assert ledger.charge("O-1", "C-1", AMOUNT)
    ledger.decline_rate = 1
    assert not ledger.charge("O-2", "C-1", AMOUNT)
    assert ledger.charge("O-1", "C-1", AMOUNT)
    ledger.decline_rate = 0
    assert not ledger.charge("O-2", "C-1", AMOUNT)
    assert ledger.charge("O-3", "C-1", AMOUNT)


def test_threads_that_ask_at_once_charge_once(ledger):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: ledger.charge(f"O-{n % 5}", "C-1", AMOUNT), range(200)))
    assert all(answers)
    assert [charge.asked for charge in ledger.charges()] == [40] * 5


def ask(folder, together, ledgers):
    """Open each of the ledgers at the same moment as the other processes do, and ask for one order."""
    for number in range(ledgers):
        together.wait(PATIENCE)
        with LedgerGateway(folder / f"{number}.sqlite") as gateway:
            gateway.charge("O-1", "C-1", AMOUNT)


def ask_and_die(path):
    LedgerGateway(path).charge("O-1", "C-1", AMOUNT)
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def test_processes_that_open_a_new_ledger_at_once_share_it_and_charge_once(tmp_path):
    """SQLite answers "locked" at once in that moment, now and then: so it is tried with many new ledgers."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(4)
    processes = [context.Process(target=ask, args=(tmp_path, together, 60)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0] * 4
    for path in tmp_path.glob("*.sqlite"):
        with LedgerGateway(path) as gateway:
            assert [charge.asked for charge in gateway.charges()] == [4]


def test_the_ledger_outlives_a_killed_process(tmp_path):
    path = tmp_path / "ledger.sqlite"
    process = multiprocessing.get_context("spawn").Process(target=ask_and_die, args=(path,))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode != 0
    with LedgerGateway(path) as gateway:
        assert gateway.charges() == [Charge("O-1", "C-1", AMOUNT, "APPROVED", 1)]


def test_a_ledger_that_is_locked_for_too_long_gives_no_answer(tmp_path, monkeypatch):
    monkeypatch.setattr("ecomkafka.gateways.payment.BUSY_SECONDS", 0.05)
    path = tmp_path / "ledger.sqlite"
    with LedgerGateway(path) as gateway, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PaymentUnavailable, match="locked"):
            gateway.charge("O-1", "C-1", AMOUNT)
        other.execute("ROLLBACK")
        assert gateway.charge("O-1", "C-1", AMOUNT) is True


def test_a_ledger_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(PaymentUnavailable, match=r"nowhere.*can't be opened"):
        LedgerGateway(tmp_path / "nowhere" / "ledger.sqlite")


class Unreliable:
    """A gateway that can be out of reach, and knows how often it was asked."""

    def __init__(self):
        self.up, self.asked = True, 0

    def charge(self, order_id, customer_id, amount):
        self.asked += 1
        if not self.up:
            raise PaymentUnavailable("timed out")
        if amount < 0:
            raise ValueError("amount")
        return customer_id != "declined-1"

    def void(self, order_id):
        self.charge(order_id, "", Decimal(0))


def fail(gateway, times):
    for _ in range(times):
        with pytest.raises(PaymentUnavailable):
            gateway.charge("O-1", "C-1", AMOUNT)


def test_after_several_calls_without_an_answer_the_gateway_is_left_alone():
    inner = Unreliable()
    gateway = ProtectedGateway(inner, fail_max=3, reset_seconds=60)
    inner.up = False
    fail(gateway, 3)
    assert gateway.state == "open"
    fail(gateway, 5)
    with pytest.raises(PaymentUnavailable, match="circuit is open"):
        gateway.void("O-1")
    assert inner.asked == 3


def test_the_call_that_opens_the_circuit_gets_the_gateways_own_error():
    inner = Unreliable()
    inner.up = False
    with pytest.raises(PaymentUnavailable, match="timed out"):
        ProtectedGateway(inner, fail_max=1).charge("O-1", "C-1", AMOUNT)


def test_an_answer_after_the_pause_closes_the_circuit():
    inner = Unreliable()
    gateway = ProtectedGateway(inner, fail_max=2, reset_seconds=0)
    inner.up = False
    fail(gateway, 2)
    assert gateway.state == "open"
    fail(gateway, 1)
    assert gateway.state == "open"
    inner.up = True
    assert gateway.charge("O-1", "C-1", AMOUNT) is True
    assert gateway.state == "closed"


def test_a_decline_does_not_open_the_circuit():
    gateway = ProtectedGateway(Unreliable(), fail_max=2)
    assert [gateway.charge("O-1", "declined-1", AMOUNT) for _ in range(5)] == [False] * 5
    assert gateway.state == "closed"


def test_a_callers_mistake_does_not_open_the_circuit():
    gateway = ProtectedGateway(Unreliable(), fail_max=2)
    for _ in range(5):
        with pytest.raises(ValueError, match="amount"):
            gateway.charge("O-1", "C-1", Decimal(-1))
    assert gateway.state == "closed"


def test_an_answer_between_failures_starts_the_count_anew():
    inner = Unreliable()
    gateway = ProtectedGateway(inner, fail_max=3)
    for _ in range(4):
        inner.up = False
        fail(gateway, 2)
        inner.up = True
        gateway.void("O-1")
    assert gateway.state == "closed"
