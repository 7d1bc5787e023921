"""The figure of a saga with and without an orchestrator."""

from matplotlib.patches import FancyArrowPatch

from ecomkafka.lessons.choreography import arrows
from ecomkafka.views.lessons.choreography import ways_plot


def test_the_figure_names_who_talks_to_whom_and_shows_what_they_say():
    table = arrows()
    view = ways_plot(table)
    said = [text.get_text() for axes in view.figure.axes for text in axes.texts]
    assert all(message in said for message in table["says"])
    assert said.count("order") == 1
    assert "choreographed: client to inventory, client to payment, client to notification" in view.alt


def test_calls_are_dashed_and_records_are_not():
    view = ways_plot(arrows())
    orchestrated, choreographed = (
        [patch.get_linestyle() for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
        for axes in view.figure.axes
    )
    assert [look != "-" for look in orchestrated] == [False, False, False, True, True, False, False]
    assert set(choreographed) == {"-"}


def test_without_an_orchestrator_everybody_reads_the_order_and_a_warehouse_hears_of_another_s_refusal():
    table = arrows().query("way == 'choreographed'")
    readers = table.query("says == 'ORDER_CREATED'")["to"]
    assert set(readers) == {*table["from"], *table["to"]} - {"client"}
    assert ((table["from"] == "inventory") & (table["to"] == "inventory")).sum() == 1


def test_with_an_orchestrator_all_but_the_client_s_command_go_to_it_or_come_from_it():
    orchestrated = arrows().query("way == 'orchestrated'")
    others = orchestrated[~orchestrated[["from", "to"]].eq("order").any(axis=1)]
    assert others[["from", "says"]].to_numpy().tolist() == [["client", "RESERVE"]]
