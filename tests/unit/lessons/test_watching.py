"""Looks at a shop, again and again."""

import itertools

from ecomkafka.lessons.watching.looks import watched


def test_it_looks_at_the_beginning_and_until_the_end():
    numbers = itertools.count()
    rows = watched(lambda: {"lag": next(numbers)}, seconds=0.2)
    assert [row["lag"] for row in rows] == list(range(len(rows)))
    assert 0 <= rows[0]["seconds"] <= rows[-1]["seconds"] >= 0.2
