"""Token buckets, with a clock that is turned by hand."""

from hypothesis import given
from hypothesis import strategies as st

from ecomkafka.http_api import token_bucket
from ecomkafka.http_api.token_bucket import TokenBuckets


class Hand:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_as_much_as_drips() -> None:
    hand = Hand()
    buckets = TokenBuckets(rate=2, burst=3, now=hand)
    assert [buckets.take("ann").allowed for _ in range(4)] == [True, True, True, False]
    hand.now += 0.5
    assert [buckets.take("ann").allowed for _ in range(2)] == [True, False]
    hand.now += 100
    assert [buckets.take("ann").allowed for _ in range(4)] == [True, True, True, False]


def test_a_greedy_client_takes_nothing_from_the_others() -> None:
    buckets = TokenBuckets(rate=1, burst=1, now=Hand())
    assert [buckets.take("greedy").allowed for _ in range(100)].count(True) == 1
    assert buckets.take("ann").allowed


def test_who_is_refused_is_told_when_to_come_again() -> None:
    hand = Hand()
    buckets = TokenBuckets(rate=0.25, burst=2, now=hand)
    assert buckets.take("ann")[1:3] == (1, 4)
    assert buckets.take("ann")[1:3] == (0, 8)
    refused = buckets.take("ann")
    assert (refused.allowed, refused.retry_after) == (False, 4)
    hand.now += refused.retry_after
    assert buckets.take("ann").allowed


@given(st.lists(st.floats(0, 10), max_size=50), st.floats(0.1, 20), st.integers(1, 10))
def test_never_more_than_the_burst_and_what_has_dripped(pauses: list[float], rate: float, burst: int) -> None:
    hand = Hand()
    buckets = TokenBuckets(rate, burst, hand)
    passed = 0
    for pause in pauses:
        hand.now += pause
        passed += buckets.take("ann").allowed
    assert passed <= burst + rate * hand.now + 1e-6


def test_clients_without_number_are_not_remembered_without_bound() -> None:
    buckets = TokenBuckets(rate=1, burst=1, now=Hand())
    for number in range(2 * token_bucket.MAX_CLIENTS):
        buckets.take(str(number))
    assert len(buckets._buckets) == token_bucket.MAX_CLIENTS
