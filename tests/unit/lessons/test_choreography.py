"""The figure of a saga with and without an orchestrator."""

from ecomkafka.lessons.choreography import arrows
from ecomkafka.views.lessons.choreography import ways_plot


def test_the_figure_names_who_talks_to_whom_and_shows_what_they_say():
    table = arrows()
    view = ways_plot(table)
    said = [text.get_text() for axes in view.figure.axes for text in axes.texts]
    assert all(message in said for message in table["says"])
    assert said.count("order") == 1
    assert "choreographed: client to inventory, inventory to payment" in view.alt


def test_with_an_orchestrator_all_but_the_client_s_command_go_to_it_or_come_from_it():
    orchestrated = arrows().query("way == 'orchestrated'")
    others = orchestrated[~orchestrated[["from", "to"]].eq("order").any(axis=1)]
    assert others[["from", "says"]].to_numpy().tolist() == [["client", "RESERVE"]]
