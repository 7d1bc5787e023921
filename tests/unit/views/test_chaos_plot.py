"""The pictures of a chaos run and of the alarms: their numbers, their labels, and what they say in words."""

import pandas as pd
import pytest

from ecomkafka.chaos.plan import Step
from ecomkafka.chaos.timeline import InjectedFault, Seen, Timeline
from ecomkafka.invariants.facts import Violation
from ecomkafka.views.alarms import alarms_plot
from ecomkafka.views.chaos_plot import chaos_plot, recovery_plot


@pytest.fixture
def timeline():
    timeline = Timeline()
    timeline.injected = [
        InjectedFault(Step(2.0, "kill", "order-0", 3.0), 2.0, 5.0),
        InjectedFault(Step(6.0, "poison", "orders.events", 0.0), 6.0, 6.0),
        InjectedFault(Step(7.0, "kill", "order-0", 1.0), 7.0, 8.0),
    ]
    for number in range(10):
        timeline.accepted.append((5.5, f"O-{number}"))
        timeline.seen += [Seen(5.6, 0, f"O-{number}", "created"), Seen(5.9, 0, f"O-{number}", "confirmed")]
    timeline.lag = [(1.0, 7), (6.2, 0)]
    return timeline


@pytest.fixture
def panels(timeline):
    view = chaos_plot(timeline.frame(), timeline.faults())
    view.png()
    return view.figure.axes


def texts(artists):
    return [artist.get_text().strip() for artist in artists]


def test_each_kind_of_fault_has_a_row_and_each_fault_its_victim(panels):
    assert texts(panels[0].get_yticklabels()) == ["kill", "poison"]
    assert texts(panels[0].texts) == ["order-0", "orders.events", "order-0"]
    assert [(bar.get_x(), bar.get_width()) for bar in panels[0].patches] == [(2.0, 3.0), (7.0, 1.0)]


def test_orders_of_a_second_are_a_step_from_its_start_to_its_end(panels):
    accepted, confirmed = panels[1].lines
    (cancelled,) = panels[1].containers
    assert (list(accepted.get_xdata())[5:7], accepted.get_drawstyle()) == ([5, 6], "steps-post")
    assert (list(accepted.get_ydata())[5], list(confirmed.get_ydata())[5], sum(cancelled.datavalues)) == (10, 10, 0)


def test_where_the_lag_is_not_known_there_is_a_gap(panels):
    (lag,) = panels[2].lines
    known = {float(x): float(y) for x, y in zip(lag.get_xdata(), lag.get_ydata(), strict=True) if not pd.isna(y)}
    assert known == {1.5: 7.0, 6.5: 0.0}


def test_the_axes_say_what_they_count(panels):
    assert [axes.get_ylabel() for axes in panels] == ["", "orders per second", "lag (offsets)"]
    assert panels[2].get_xlabel() == "seconds since the start"


def test_the_time_line_s_words_and_numbers(timeline):
    view = chaos_plot(timeline.frame(), timeline.faults())
    assert view.table.equals(timeline.frame())
    assert view.alt.startswith("Three time lines of the chaos run")
    assert view.alt.endswith("At the end every accepted order has ended.")


def test_a_run_without_a_fault_is_drawn_too():
    assert chaos_plot(Timeline().frame(), Timeline().faults()).png().startswith(b"\x89PNG")


def test_each_fault_has_its_bar_even_if_the_same_strikes_twice(timeline):
    view = recovery_plot(timeline.faults(), limit=15.0)
    axes = view.figure.axes[0]
    assert texts(axes.get_yticklabels()) == ["kill, order-0", "poison, orders.events", "kill, order-0"]
    assert texts(axes.texts) == ["0.9 s", "never", "never", "promised: 15 s"]
    assert view.table["recovered after"].round(1).tolist()[0] == 0.9
    assert "after 2 of them they did not" in view.alt
    assert [line.get_xdata() for line in axes.lines] == [[15.0, 15.0]], "the limit is drawn to scale"


def test_who_rings_at_what():
    wrong = [Violation("ORD-0001", "never charged")]
    view = alarms_plot({"no charge": {"money_moves": wrong, "told_once": []}, "all well": {"told_once": []}})
    assert view.table.to_dict("index") == {
        "no charge": {"money_moves": True, "told_once": False},
        "all well": {"money_moves": False, "told_once": False},
    }
    assert view.alt == "Invariants that are broken. no charge: money moves; all well: none."
    assert texts(view.figure.axes[0].get_xticklabels()) == ["money moves", "told once"]


def test_a_name_that_the_next_fault_of_its_row_would_cover_is_left_out(timeline):
    timeline.injected += [InjectedFault(Step(at, "poison", "orders.events", 0.0), at, at) for at in (600.0, 601.0)]
    view = chaos_plot(timeline.frame(), timeline.faults())
    shown = [(text.get_text().strip(), text.xy[0]) for text in view.figure.axes[0].texts if text.get_visible()]
    assert ("orders.events", 601.4) in shown
    assert ("orders.events", 600.4) not in shown


def test_a_name_at_the_right_edge_stands_on_the_left_of_its_fault(timeline):
    timeline.injected.append(InjectedFault(Step(60.0, "early-and-late", "orders.events", 0.0), 60.0, 60.0))
    name = chaos_plot(timeline.frame(), timeline.faults()).figure.axes[0].texts[-1]
    assert (name.get_ha(), name.xy[0]) == ("right", 59.6)
