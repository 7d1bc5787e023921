"""A limit of a wait: what can be one, and what is said of anything else."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.services.analytics import AnalyticsService
from ecomkafka.services.read_model import ReadModel
from ecomkafka.waiting import until

try:
    from ecomkafka.waiting import seconds
except ImportError:
    seconds = float
from tests.waiting import PATIENCE

NO_LIMITS = [
    None, True, "5", b"1", [1], -1, -0.1, float("nan"), float("inf"), 10**400, 10**5000, Decimal("NaN"),
    Decimal("sNaN"), pd.NA, pd.NaT, np.float64("nan"), timedelta(seconds=-1), timedelta.max, 1j,
]  # fmt: skip


@pytest.mark.parametrize(
    "limit", [2, 2.0, np.int64(2), np.float32(2), Decimal(2), Fraction(2), timedelta(seconds=2), np.uint8(2)]
)
def test_a_limit_is_a_number_of_any_library_or_a_timedelta(limit):
    assert seconds(limit) == 2.0
    assert isinstance(seconds(limit), float)


@pytest.mark.parametrize("limit", NO_LIMITS, ids=lambda limit: f"{type(limit).__name__}")
def test_what_is_no_limit_is_refused_in_one_sentence(limit):
    with pytest.raises(ValueError, match=r"^timeout is .*: a number of seconds from 0 to 1,000,000 is needed"):
        seconds(limit)


WAITS = {
    "until": lambda limit: until(lambda: True, limit),
    "start of a service": lambda limit: AnalyticsService(["127.0.0.1:9"]).start(limit),
    "stop of a service": lambda limit: AnalyticsService(["127.0.0.1:9"]).stop(limit),
    "start of the read model": lambda limit: ReadModel(["127.0.0.1:9"]).start(limit),
    "stop of the read model": lambda limit: ReadModel(["127.0.0.1:9"]).stop(limit),
    "mails": lambda limit: MailServer().wait_for(0, limit),
}


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
@pytest.mark.parametrize("limit", [float("nan"), "5", None])
def test_a_wait_begins_only_with_a_limit(wait, limit):
    with pytest.raises(ValueError, match=r"^timeout is "):
        wait(limit)


def test_a_condition_that_holds_needs_no_time():
    assert until(lambda: "here", 0) == "here"
    assert until(lambda: "here", timedelta(seconds=PATIENCE)) == "here"
