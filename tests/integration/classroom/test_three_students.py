"""A class as a teacher has it: one broker that asks for accounts, three students' kernels, progress seen live."""

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from kafka import TopicPartition
from kafka.errors import TopicAuthorizationFailedError

from ecomkafka.classroom.results_topic import PROGRESS
from ecomkafka.clients import Cluster
from ecomkafka.widgets.panels.class_board import ClassBoard
from tests.commands import Commands
from tests.students import kernels
from tests.waiting import eventually

if TYPE_CHECKING:
    from ecomkafka.classroom.room import Room

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
LESSON = "02_topics_partitions_keys.ipynb"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Room]":
    from ecomkafka.classroom.room import Room

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMKAFKA_HOME", str(tmp_path_factory.mktemp("home")))
        room = Room()
        room.start()
        yield room
        room.stop()


def cells(folder: str) -> list[str]:
    """The code cells of lesson 02's exercises, without those that ask for the reason."""
    code = [
        cell.source
        for cell in nbformat.read(NOTEBOOKS / folder / LESSON, as_version=4).cells
        if cell.cell_type == "code"
    ]
    return [source for source in code if not source.endswith(".why()")]


SOLVED, STARTER = cells("solutions"), cells("exercises")

ROUNDS: list[dict[str, tuple[str, str, str, str]]] = [
    {  # a cell, what it shows, the question, and how the board then shows it
        "anna": (f"{SOLVED[0]}\n{SOLVED[1]}\n{SOLVED[2]}", "✅ correct", "02.q1", "✓ 1×"),
        "ben": (f"{STARTER[0]}\n{STARTER[1]}\n{STARTER[2]}", "not attempted", "02.q1", "–"),
        "cara": (f"{STARTER[0]}\nex.q1.check(lambda event: event.type)", "❌ wrong", "02.q1", "✗ 1×"),
    },
    {
        "anna": (f"{SOLVED[3]}\n{SOLVED[4]}", "✅ correct", "02.q2", "✓ 1×"),
        "ben": (f"{STARTER[3]}\n{STARTER[4]}", "not attempted", "02.q2", "–"),
        "cara": ("ex.q1.hint()\nex.q1.check(lambda event: event.order_id)", "✅ correct", "02.q1", "✓ 2× 1h"),
    },
    {
        "anna": (f"{SOLVED[5]}\n{SOLVED[6]}", "✅ correct", "02.q3", "✓ 1×"),
        "ben": ("def forever(event):\n    while True: pass\nex.q1.check(forever)", "a loop that", "02.q1", "✗ 1×"),
        "cara": ("ex.q2.check(lambda keys, before, after: set(keys))", "❌ wrong", "02.q2", "✗ 1×"),
    },
]
"""What the three do at the same time, and then again."""


def test_a_teacher_sees_three_students_at_work(room: "Room", tmp_path: Path) -> None:
    """anna has the solutions, ben the starters and then a loop, cara is wrong, takes a hint and is right."""
    teacher = Commands(room.directory.parent)
    accounts = teacher.json("classroom", "add", "anna", "ben", "cara")["students"]
    settings = {account["ECOMKAFKA_USER"]: _without_prefix(account) for account in accounts}
    with kernels(settings, tmp_path) as students, closing(ClassBoard(room.cluster(), ["dan"])) as board:
        for tasks in ROUNDS:
            for name, (cell, *_) in tasks.items():
                students[name].begin(cell)
            for name, (_, shows, question, standing) in tasks.items():
                assert shows in students[name].shown()
                eventually(lambda n=name, q=question: (n, q) in board.scores.standings, f"{name}'s {question}")
                eventually(lambda n=name, q=question, s=standing: str(board.scores.of(n, q)) == s, standing)
        assert board.students == ["anna", "ben", "cara", "dan"]
        eventually(lambda: "stuck are 1 at 02.q1, 1 at 02.q2" in board.words.value, "where they are stuck")
    told(teacher, tmp_path)


def _without_prefix(variables: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("ECOMKAFKA_"): value for name, value in variables.items()}


def told(teacher: Commands, folder: Path) -> None:
    """What the commands say afterwards."""
    found = teacher.json("classroom", "progress")
    assert found["students"] == ["anna", "ben", "cara"]
    assert {(s["student"], s["question"]) for s in found["standings"] if s["solved"]} == {
        *(("anna", f"02.q{number}") for number in (1, 2, 3)),
        ("cara", "02.q1"),
    }
    assert [(q["question"], q["solved"], q["stuck"]) for q in found["questions"]][:2] == [
        ("02.q1", 2, 1),
        ("02.q2", 1, 1),
    ]
    assert "most are stuck at 02.q1: 1 of 3" in teacher.ok("classroom", "progress")
    files = [folder / "class.csv", folder / "scores.csv"]
    teacher.ok("classroom", "export", "--csv", str(files[0]), "--nbgrader", str(files[1]))
    everything, scores = (list(csv.DictReader(file.read_text().splitlines())) for file in files)
    assert sum(int(row["solved"]) for row in everything) == 4
    assert {r["student_id"]: r["score"] for r in scores if r["assignment"] == "lesson_02"} == {
        "anna": "3.0", "ben": "0.0", "cara": "1.0",
    }  # fmt: skip


def test_an_export_without_a_file_is_told_what_to_name(room: "Room") -> None:
    done = Commands(room.directory.parent).run("classroom", "export")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--csv FILE or --nbgrader FILE" in done.stderr


def test_a_student_can_t_read_the_results_of_others(room: "Room") -> None:
    from ecomkafka.classroom import student_accounts

    (account,) = student_accounts.add(room.cluster(), ["eve"])
    eve = Cluster(room.cluster().bootstrap, user="eve", password=account.password)
    with closing(eve.consumer()) as consumer:
        consumer.assign([TopicPartition(PROGRESS, 0)])
        consumer.seek(TopicPartition(PROGRESS, 0), 0)
        with pytest.raises(TopicAuthorizationFailedError):
            eventually(lambda: consumer.poll(200), "a result")
