"""Results of checks on their way: from a student's kernel to the list, and from there to the teacher's board."""

import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from kafka.errors import MessageSizeTooLargeError

from ecomkafka.classroom import listener
from ecomkafka.classroom.listener import Reporter
from ecomkafka.classroom.results_reader import Results, all_results
from ecomkafka.classroom.results_topic import MAX_BYTES, PROGRESS, create_list
from ecomkafka.clients import Cluster
from ecomkafka.exercises.checking.question import Question
from ecomkafka.exercises.checking.rehearsal import SimulatedStudent
from ecomkafka.exercises.checking.verdict import Outcome
from ecomkafka.exercises.lesson_02 import questions as lesson_02
from ecomkafka.logs import to_memory
from ecomkafka.widgets.panels.class_board import ALL, ClassBoard
from tests.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from ecomkafka.broker import Broker

_numbers = itertools.count(1)


@pytest.fixture
def teacher(broker: "Broker") -> Cluster:
    """A list of results that no other test writes to."""
    cluster = Cluster.of(broker.bootstrap, f"class-{next(_numbers)}")
    create_list(cluster)
    return cluster


@pytest.fixture
def anna(teacher: Cluster) -> Iterator[Reporter]:
    with closing(Reporter(teacher, "anna")) as reporter:
        yield reporter


def easy(answer: Any, stage: Any) -> None:
    """Every answer is right, and no Kafka is needed."""


def question() -> Question:
    return Question("02.q1", easy, easy, ("a nudge", "the answer"), "well.")


# To the list


def test_a_check_is_told_under_the_student_s_name_with_its_hints(
    teacher: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", teacher.bootstrap[0])
    with closing(SimulatedStudent(teacher, "ben")) as ben:
        assert ben.check(lesson_02.q1, lambda event: None).outcome is Outcome.WRONG
        ben.hint(lesson_02.q1)
        assert ben.check(lesson_02.q1, lesson_02.key).outcome is Outcome.CORRECT
    told = [(r.student, r.lesson, r.question, r.outcome, r.hints) for r in all_results(teacher)]
    assert told == [("ben", "02", "q1", "wrong", 0), ("ben", "02", "q1", "correct", 1)]


def test_the_list_is_made_once_and_keeps_its_results(teacher: Cluster, anna: Reporter) -> None:
    anna("01", "q1", "correct", 0)
    anna.close()
    create_list(teacher)
    assert len(all_results(teacher)) == 1


def test_who_has_no_account_tells_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECOMKAFKA_USER", raising=False)
    assert question().check(easy).outcome is Outcome.CORRECT
    assert listener._reporters == {}


def test_a_verdict_waits_for_no_classroom_and_the_log_says_that_it_was_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"USER": "anna", "PASSWORD": "apple", "BOOTSTRAP": "127.0.0.1:1"}.items():
        monkeypatch.setenv(f"ECOMKAFKA_{name}", value)
    asked = question()
    with to_memory() as memory:
        assert [asked.check(easy).outcome for _ in range(3)] == [Outcome.CORRECT] * 3
        eventually(lambda: any("was not told" in line for line in memory.lines), "a line in the log")
    listener.close_reporters()


def test_results_that_nobody_takes_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_WAITING", 2)
    with to_memory() as memory, closing(Reporter(Cluster.of("127.0.0.1:1"), "anna")) as reporter:
        for _ in range(5):
            reporter("01", "q1", "wrong", 0)
        assert sum("is not told" in line for line in memory.lines) >= 2


def test_the_last_result_is_sent_before_the_kernel_ends(teacher: Cluster) -> None:
    before = threading.active_count()
    reporter = Reporter(teacher, "anna")
    reporter("01", "q1", "correct", 0)
    reporter.close()
    assert len(all_results(teacher)) == 1
    eventually(lambda: threading.active_count() <= before, "the end of its threads")


# From the list


def put(teacher: Cluster, value: bytes) -> None:
    with closing(teacher.producer()) as producer:
        producer.send(teacher.name(PROGRESS), value).get(timeout=PATIENCE)


def test_a_second_look_finds_what_is_new(teacher: Cluster, anna: Reporter) -> None:
    with Results(teacher) as results:
        assert results.new() == []
        anna("01", "q1", "wrong", 0)
        assert [r.outcome for r in eventually(results.new, "a result")] == ["wrong"]
        anna("01", "q1", "correct", 1)
        assert [r.outcome for r in eventually(results.new, "another")] == ["correct"]


def test_what_is_no_result_is_named_in_the_log_and_passed_over(teacher: Cluster, anna: Reporter) -> None:
    put(teacher, b'{"student": "<script>"}')
    anna("01", "q1", "correct", 0)
    anna.close()
    with to_memory() as memory:
        assert [result.student for result in all_results(teacher)] == ["anna"]
    assert [line for line in memory.lines if f"{PROGRESS}:0:0" in line]


def test_the_list_takes_nothing_larger_than_a_result(teacher: Cluster) -> None:
    with pytest.raises(MessageSizeTooLargeError):
        put(teacher, os.urandom(2 * MAX_BYTES))


def test_without_a_list_it_is_said(broker: "Broker") -> None:
    with pytest.raises(LookupError, match=r"nowhere\.classroom\.progress' does not exist"):
        all_results(Cluster.of(broker.bootstrap, "nowhere"))


# On the board


@pytest.fixture
def board(teacher: Cluster) -> Iterator[ClassBoard]:
    board = ClassBoard(teacher, ["anna", "cara"])
    yield board
    board.close()


def cells(board: ClassBoard, student: str) -> str:
    """The student's row, without its look."""
    (row,) = [row for row in board.standings.value.split("<tr>") if f">{student}</th>" in row]
    return " ".join(part.partition(">")[2] for part in row.split("<td")[1:]).replace("</td>", "").split("</tr>")[0]


def test_the_board_shows_a_result_as_it_comes_in(board: ClassBoard, anna: Reporter) -> None:
    assert "2 students, 0 answers are right" in board.status.value
    assert not board.picture.value
    anna("01", "q1", "wrong", 1)
    eventually(lambda: "✗ 1× 1h" in board.standings.value, "a wrong answer on the board")
    anna("01", "q1", "correct", 1)
    eventually(lambda: "✓ 2× 1h" in board.standings.value, "a right answer on the board")
    assert cells(board, "cara") == "–"
    assert "nobody is stuck" in board.words.value
    static = board._repr_mimebundle_()["text/html"]
    assert 'src="data:image/png;base64,iVBOR' in static
    assert "✓ 2× 1h" in static


def test_a_lesson_may_be_shown_alone(board: ClassBoard, anna: Reporter) -> None:
    anna("01", "q1", "wrong", 0)
    anna("02", "q1", "correct", 0)
    eventually(lambda: cells(board, "anna") == "✗ 1× ✓ 1×", "both lessons")
    assert board.lesson.options == (ALL, "01", "02")
    board.lesson.value = "02"
    eventually(lambda: cells(board, "anna") == "✓ 1×", "lesson 04 alone")
    anna("03", "q1", "wrong", 0)
    eventually(lambda: "03" in board.lesson.options, "one lesson more")
    assert board.lesson.value == "02"


def test_a_board_of_a_list_with_nonsense_goes_on(board: ClassBoard, teacher: Cluster, anna: Reporter) -> None:
    put(teacher, b"nonsense")
    anna("01", "q1", "correct", 0)
    eventually(lambda: "✓ 1×" in board.standings.value, "a result after the nonsense")


def test_a_closed_board_stays_and_has_no_thread(teacher: Cluster, anna: Reporter) -> None:
    before = threading.active_count()
    with ClassBoard(teacher) as board:
        anna("01", "q1", "correct", 0)
        eventually(lambda: "✓ 1×" in board.standings.value, "a result")
    assert "The board is closed." in board.status.value
    assert "✓ 1×" in board._repr_mimebundle_()["text/html"]
    eventually(lambda: threading.active_count() <= before + 1, "the end of its threads, without anna's")


def test_a_board_whose_look_hangs_is_closed_all_the_same(teacher: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecomkafka.widgets.data.ticker._STOP_SECONDS", 0.1)
    board, looking, done = ClassBoard(teacher), threading.Event(), threading.Event()

    def hang() -> None:
        looking.set()
        done.wait(PATIENCE)

    monkeypatch.setattr(board, "_refresh", hang)
    assert looking.wait(PATIENCE)
    with pytest.raises(TimeoutError, match="a refresh hangs"):
        board.close()
    done.set()
    assert board._results._consumer._closed
    assert board.lesson.disabled
    assert "The board is closed." in board.status.value
