"""An interrupt is put off until the end of a block, and never lost."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from signal import SIGINT, SIGTERM, raise_signal

import pytest

from ecomkafka.machine.interrupts import Deferred


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = signal.signal(SIGINT, signal.default_int_handler)
    yield
    assert signal.signal(SIGINT, before) is signal.default_int_handler


def swallowed() -> None:
    """An interrupt, and somebody who takes it for an error of his own."""
    with suppress(BaseException):
        raise_signal(SIGINT)


def in_a_block(work: Callable[[], object]) -> None:
    with Deferred(SIGINT):
        work()


def test_an_interrupt_is_raised_at_the_end_of_the_block() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt):
        in_a_block(lambda: (swallowed(), done.append(True)))
    assert done


def test_the_inner_one_of_two_blocks_leaves_it_to_the_outer_one() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt):
        in_a_block(lambda: (in_a_block(swallowed), done.append(True)))
    assert done


def test_who_has_a_handler_of_his_own_is_called_too() -> None:
    called: list[int] = []
    before = signal.signal(SIGINT, lambda number, _: called.append(number))
    with Deferred(SIGINT):
        swallowed()
        assert called == []
    assert called == [SIGINT]
    signal.signal(SIGINT, before)


def test_an_error_of_the_block_is_the_context_of_the_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt) as raised:
        in_a_block(lambda: (swallowed(), int("x")))
    assert isinstance(raised.value.__context__, ValueError)


def test_a_signal_that_the_system_handles_stays_the_system_s() -> None:
    before = signal.signal(SIGTERM, signal.SIG_DFL)
    with Deferred(SIGTERM):
        assert signal.getsignal(SIGTERM) is signal.SIG_DFL
    signal.signal(SIGTERM, before)


def test_another_thread_changes_nothing() -> None:
    seen = []

    def look() -> None:
        with Deferred(SIGINT):
            seen.append(signal.getsignal(SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
