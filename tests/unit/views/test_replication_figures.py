"""The figures of lesson 03: each broker's copy by moment, and what settings make of broker deaths."""

import pandas as pd
from matplotlib.colors import to_hex

from ecomkafka.lessons.replication.copies import DEAD, IN_SYNC, LEADER, Copy
from ecomkafka.lessons.replication.order_taking import LOST, TAKEN, UNHEARD
from ecomkafka.views.lessons.kafka.replicas import replicas_plot, settings_plot
from ecomkafka.views.view import ORANGE

SEEN = pd.DataFrame(
    [
        Copy("Ann orders", 1, LEADER, ("Zoe", "Ann"), 1),
        Copy("Ann orders", 2, IN_SYNC, ("Zoe",), None),
        Copy("broker 1 is dead", 1, DEAD, ("Zoe", "Ann"), None),
        Copy("broker 1 is dead", 2, LEADER, ("Zoe", "Bob"), 2),
    ]
)
FATES = pd.DataFrame(
    [("a follower dies", "min 1", 1, 1, 0), ("a follower dies", "min 2", 0, 0, 2), ("all live", "min 1", 2, 0, 0)],
    columns=["situation", "setting", TAKEN, LOST, UNHEARD],
)


def words_of(view):
    return [text.get_text() for text in view.figure.axes[0].texts]


def test_every_copy_is_drawn_with_its_state():
    view = replicas_plot(SEEN)
    assert words_of(view) == [LEADER, "Zoe", "Ann", IN_SYNC, "Zoe", DEAD, "Zoe", "Ann", LEADER, "Zoe", "Bob"]
    assert view.alt == "Records in each broker's copy, by moment. Ann orders: 2/1; broker 1 is dead: 2/2."


def test_only_what_the_log_has_not_at_the_end_is_orange():
    axes = replicas_plot(SEEN).figure.axes[0]
    assert sum(to_hex(patch.get_facecolor()) == ORANGE.lower() for patch in axes.patches) == 2


def test_the_high_watermark_is_drawn_where_it_is_known():
    axes = replicas_plot(SEEN).figure.axes[0]
    assert len(axes.lines) == 2


def test_settings_are_told_in_numbers_and_what_was_not_tried_is_empty():
    view = settings_plot(FATES)
    assert words_of(view) == ["1 taken, 1 taken and lost", "2 without a yes", "2 taken"]
    assert (
        view.alt
        == "What each setting makes of broker deaths. min 1: 4 taken, 1 of them lost; min 2: 0 taken, 0 of them lost."
    )


def test_a_label_of_two_lines_is_told_in_one():
    view = settings_plot(FATES.replace({"setting": {"min 1": "min 1,\nunclean"}}))
    assert [label.get_text() for label in view.figure.axes[0].get_yticklabels()] == ["min 1,\nunclean", "min 2"]
    assert "min 1, unclean: 4 taken" in view.alt
