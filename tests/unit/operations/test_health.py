"""The verdict on a service: what it is behind, since when, and whether anybody is there."""

from datetime import UTC, datetime, timedelta

import pytest

from ecomkafka.clients.groups import Lag, Membership
from ecomkafka.operations.health import STUCK, judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STABLE = Membership("order-service", "Stable", ("order-0",))
EMPTY = Membership("order-service", "Empty", ())


def lag(behind: int, last_commit: datetime | None = NOW) -> Lag:
    return Lag("order-service", "orders.events", 0, 5, 5 + behind, behind, last_commit)


@pytest.mark.parametrize(
    "behind",
    [
        [lag(0)],
        [lag(0, None)],
        [lag(0, NOW - timedelta(days=1))],
        [lag(1_000)],
        [lag(1), lag(0, NOW - timedelta(days=1))],
    ],
    ids=["done", "nothing to do yet", "quiet for long", "busy", "one partition busy, one quiet"],
)
def test_a_service_is_well_that_is_done_or_gets_on(behind: list[Lag]) -> None:
    found = judge(STABLE, behind, (1,), False, NOW)
    assert found.well
    assert (found.service, found.lag) == ("order", sum(one.lag for one in behind))


@pytest.mark.parametrize(
    ("group", "behind", "pids", "trouble"),
    [
        (STABLE, [lag(1, NOW - 2 * STUCK)], (1,), "1 records behind"),
        (STABLE, [lag(7, None)], (1,), "7 records behind"),
        (EMPTY, [lag(0)], (1,), "nobody is in its group"),
        (EMPTY, [lag(0)], (), "process does not run"),
        (STABLE, [lag(0)], (), "process does not run"),
        (STABLE, [], (1,), "create-topics"),
    ],
    ids=["stuck", "never committed", "no member", "not started", "died just now", "no topics"],
)
def test_a_service_is_not_well_and_why(
    group: Membership, behind: list[Lag], pids: tuple[int, ...], trouble: str
) -> None:
    found = judge(group, behind, pids, False, NOW)
    assert not found.well
    assert found.trouble is not None
    assert trouble in found.trouble


def test_with_an_external_kafka_the_processes_may_be_elsewhere() -> None:
    assert judge(STABLE, [lag(0)], (), True, NOW).well
    assert not judge(EMPTY, [lag(0)], (), True, NOW).well
