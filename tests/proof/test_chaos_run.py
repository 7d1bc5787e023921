"""A minute of faults on one broker, the gateway among what is struck: no order that it accepted is lost, nothing is
sold twice, and orders flow again after each.

How soon they do is measured by `make chaos`.
"""

import math

import pytest

from ecomkafka.chaos import chaos_run

SECONDS, SEED = 60, 207069


@pytest.mark.timeout(900)
def test_after_a_minute_of_faults_every_invariant_holds():
    result = chaos_run.run(SECONDS, SEED, gateway=True)
    told = f"seed {SEED}\n{result.faults}\n{result.wrong}\n{result.trace}\n{result.deaths}"
    assert result.failure is None, told
    assert result.invariants.query("not holds")["first"].to_dict() == {}, told
    assert math.isfinite(result.slowest), told
    assert result.injected > 0, told
    assert result.timeline["confirmed"].sum() > 0, told
    assert result.png.startswith(b"\x89PNG")
