"""The figures of lesson 16: answers in time, goodput, a storm of retries, a circuit breaker."""

import pandas as pd

from ecomkafka.lessons.front_door.rush import GAVE_UP, Attempt
from ecomkafka.views.lessons.front_door import by_second, circuit_plot, goodput_plot, storm_plot, waits_plot


def attempts(*rows):
    """(second, status) of each."""
    return pd.DataFrame([Attempt(n, 0, at, 0.1, status) for n, (at, status) in enumerate(rows)])


LATE = attempts((0.2, 202), (1.2, GAVE_UP), (2.9, GAVE_UP))
WELL = attempts((0.2, 202), (1.2, 503), (2.9, 202))


def test_attempts_are_counted_in_the_second_in_which_they_began_and_an_empty_second_has_none():
    table = by_second(attempts((0.1, 202), (0.9, 503), (2.0, 202)))
    assert table["attempts"].tolist() == [2, 0, 1]
    assert table["in time"].tolist() == [1, 0, 1]


def test_each_end_of_a_request_has_a_mark_of_its_own_and_its_number_in_the_legend():
    view = waits_plot({"a list": LATE, "a bound": WELL}, patience=0.5)
    first, second = view.figure.axes
    assert [text.get_text() for text in first.get_legend().get_texts()] == [
        "answered in time: 1",
        "gave up: 2",
        "refused: 0",
        "patience",
    ]
    assert len({line.get_marker() for line in second.get_lines()[:3]}) == 3
    assert view.alt.endswith("In time in the last second: a list: none; a bound: many.")


def test_goodput_names_the_best_and_the_worst_queue():
    view = goodput_plot(pd.DataFrame({"no bound": [5, 0], "8 places": [5, 20]}, index=[5, 40]), capacity=20)
    assert view.alt.endswith("best with 8 places, and worst with no bound.")


def test_a_storm_says_who_was_answered_after_the_pause():
    well = attempts(*((second + 0.5, 202) for second in range(5)))
    storm = attempts(*((second + 0.5, GAVE_UP) for second in range(5)))
    view = storm_plot({"no retry": well, "at once": storm}, away=(1, 2))
    assert view.alt.endswith("Answers in time after it: no retry: yes; at once: no.")
    assert view.table["no retry"]["attempts"].tolist() == [1] * 5
    assert view.figure.axes[0].get_title() == "no retry\nin time: 5 of 5"


def test_the_states_of_a_breaker_stand_where_they_change():
    rows = [
        (0.0, 0.2, False, "closed", "closed"),
        (0.3, 0.2, False, "closed", "open"),
        (0.6, 0.0, False, "open", "open"),
        (0.9, 0.2, False, "half-open", "open"),
        (1.9, 0.0, True, "half-open", "closed"),
    ]
    calls = pd.DataFrame(rows, columns=["at", "seconds", "answered", "during", "after"])
    view = circuit_plot(calls, repaired=1.5)
    words = [text.get_text() for text in view.figure.axes[0].texts]
    assert words == ["closed", "open", "half-open", "open", "half-open", "closed", " repaired"]
    legend = [text.get_text() for text in view.figure.axes[0].get_legend().get_texts()]
    assert legend == ["answered", "time-out", "refused at once"]
    assert view.alt.endswith("States of the breaker: closed, open, half-open.")
    assert view.png()[:4] == b"\x89PNG"
