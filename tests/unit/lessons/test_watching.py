"""Looks at a shop, again and again."""

import itertools

from ecomkafka.lessons.watching.looks import watched


def test_it_looks_at_the_beginning_and_until_the_end():
    numbers = itertools.count()
    rows = watched(lambda: {"lag": next(numbers)}, seconds=0.01)
    assert [row["lag"] for row in rows] == [0, 1]
    assert 0 <= rows[0]["seconds"] < 0.01 <= rows[-1]["seconds"]
