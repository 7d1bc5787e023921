"""The cases, each in the module of what makes it."""

import sys

from ecomkafka.exercises.drills.case import Case
from ecomkafka.exercises.drills.cases import (
    app_cases,
    broker_cases,
    mail_cases,
    record_cases,
    service_cases,
    transaction_cases,
)

_EVERYWHERE: tuple[Case, ...] = (
    *(app_cases.KEYS, app_cases.CLOCK),
    *(service_cases.STILL, service_cases.ABSENT),
    *(record_cases.HEAD, record_cases.VALUE),
    transaction_cases.OPEN,
    mail_cases.LATE,
    broker_cases.LEADER,
)
CASES: tuple[Case, ...] = (*_EVERYWHERE, *([broker_cases.DISK] if sys.platform == "linux" else []))
"""Only Linux lets us set the limit of another process, which is how a disk is made full."""
