"""Every fault of the plan is explained, and nothing else."""

from ecomkafka.chaos.plan import INSIDE, OUTSIDE
from ecomkafka.lessons.chaos_day.fault_names import MEANING


def test_every_fault_has_its_meaning_in_words():
    assert set(MEANING) == {fault.name for fault in (*INSIDE, *OUTSIDE)}
