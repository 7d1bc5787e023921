"""What must be true of a quiet shop, whatever happened to it: pure functions over `Facts`.

Each invariant's docstring says what it protects; it yields the ids and the places that break it.
"""

from collections.abc import Callable

from ecomkafka.invariants.facts import Facts, Violations
from ecomkafka.invariants.facts import Violation as Violation
from ecomkafka.invariants.rules.aggregation import windows_equal_the_log
from ecomkafka.invariants.rules.conservation import (
    every_order_ends_once,
    money_and_goods_move_together,
    stock_is_conserved,
)
from ecomkafka.invariants.rules.consistency import (
    every_reader_sees_the_same,
    nothing_is_left_over,
    state_equals_the_log,
)
from ecomkafka.invariants.rules.notification_delivery import every_customer_is_told_once

INVARIANTS: tuple[Callable[[Facts], Violations], ...] = (
    stock_is_conserved,
    every_order_ends_once,
    money_and_goods_move_together,
    every_customer_is_told_once,
    windows_equal_the_log,
    state_equals_the_log,
    every_reader_sees_the_same,
    nothing_is_left_over,
)
