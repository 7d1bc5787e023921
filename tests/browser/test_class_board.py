"""The class board in JupyterLab: a result that comes in is on the teacher's screen, and a lesson can be chosen."""

import itertools
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from ecomkafka.broker import Broker
from ecomkafka.classroom.listener import Reporter
from ecomkafka.classroom.results_topic import create_list
from ecomkafka.clients import Cluster
from tests.browser.conftest import Picture
from tests.browser.lab_page import LabPage

_numbers = itertools.count(1)


@pytest.fixture
def teacher(broker: Broker) -> Cluster:
    cluster = Cluster.of(broker.bootstrap, f"class-in-browser-{next(_numbers)}")
    create_list(cluster)
    return cluster


@pytest.fixture
def anna(teacher: Cluster) -> Iterator[Reporter]:
    with closing(Reporter(teacher, "anna")) as reporter:
        yield reporter


def test_a_result_is_seen_as_it_comes_in(lab: LabPage, teacher: Cluster, anna: Reporter, picture: Picture) -> None:
    lab.open(
        [
            "from ecomkafka.widgets.panels.class_board import ClassBoard\n"
            "from ecomkafka.broker import bootstrap\n"
            "from ecomkafka.clients import Cluster\n"
            f"board = ClassBoard(Cluster.of(bootstrap(), {teacher.namespace!r}), ['anna', 'ben'])\n"
            "board"
        ]
    )
    lab.run_all()
    page = lab.page
    expect(page.get_by_role("status").filter(has_text="2 students, 0 answers are right")).to_be_visible()
    anna("01", "q1", "wrong", 1)
    expect(page.get_by_role("row", name="anna ✗ 1× 1h")).to_be_visible()
    anna("01", "q1", "correct", 1)
    anna("02", "q1", "wrong", 0)
    expect(page.get_by_role("row", name="anna ✓ 2× 1h ✗ 1×")).to_be_visible()
    expect(page.get_by_role("row", name="ben – –")).to_be_visible()
    expect(page.get_by_text("stuck are 1 at 02.q1")).to_be_visible()
    picture("class_board")
    page.get_by_role("combobox", name="Lesson").select_option("01")
    expect(page.get_by_role("row", name="anna ✓ 2× 1h", exact=True)).to_be_visible()
