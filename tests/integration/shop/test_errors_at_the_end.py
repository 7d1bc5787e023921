"""Two things go wrong at a shop's end: both are told."""

import pytest

from ecomkafka.shop import Shop

pytestmark = pytest.mark.usefixtures("on_the_tests_broker")


class Mistake(Exception):
    pass


def chain(error):
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def fail():
    raise RuntimeError("this does not close")


def in_a_shop(prepare):
    with Shop() as shop:
        prepare(shop)
        raise Mistake


def test_a_cell_s_own_error_is_told_with_that_of_the_close():
    with pytest.raises(RuntimeError, match="does not close") as raised:
        in_a_shop(lambda shop: shop.on_close(fail))
    assert [type(error) for error in chain(raised.value)] == [RuntimeError, Mistake]


@pytest.mark.parametrize("part", ["ledger", "crew"])
def test_every_error_of_a_close_is_told(part, monkeypatch):
    """Some parts are closed one inside another: a stack in a stack loses the outer error."""

    def prepare(shop):
        owner, name = (shop._ledger, "close") if part == "ledger" else (shop.analytics_service, "stop")
        close = getattr(owner, name)

        def closes_and_fails():
            close()
            raise OSError("the disk")

        monkeypatch.setattr(owner, name, closes_and_fails)

    with pytest.raises(OSError, match="the disk") as raised:
        in_a_shop(prepare)
    assert Mistake in [type(error) for error in chain(raised.value)]


def test_why_a_shop_did_not_start_is_told_with_what_did_not_stop(monkeypatch):
    shop = Shop()
    stop = shop.mail_server.stop

    def stops_and_fails():
        stop()
        fail()

    def start_nothing():
        raise Mistake

    monkeypatch.setattr(shop.mail_server, "stop", stops_and_fails)
    monkeypatch.setattr(shop.read_model, "start", start_nothing)
    with pytest.raises(RuntimeError, match="does not close") as raised:
        shop.start()
    assert Mistake in [type(error) for error in chain(raised.value)]


def test_an_error_of_the_cell_alone_comes_as_it_is():
    with pytest.raises(Mistake) as raised:
        in_a_shop(lambda shop: None)
    assert list(chain(raised.value)) == [raised.value]
