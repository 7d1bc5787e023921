"""`ecomkafka logs` reads on where it stopped, and puts the lines of several services in order."""

from pathlib import Path

from ecomkafka.cli.logs import TAIL_BYTES, Tail, merged

FIRST = (
    '{"event": "✅ order confirmed", "service": "order", "timestamp": "2026-03-01T12:00:01.500Z", "level": "info"}\n'
)
SECOND = (
    '{"event": "📦 stock deducted", "service": "inventory", "timestamp": "2026-03-01T12:00:02.000Z", "level": "info"}\n'
)


def texts(*tails: Tail) -> list[str]:
    return [line.text for line in merged(tails)]


def test_json_lines_become_readable(tmp_path: Path) -> None:
    file = tmp_path / "order.log"
    file.write_text(FIRST, encoding="utf-8")
    assert texts(Tail(file)) == ["12:00:01.500 order        ✅ order confirmed"]


def test_only_what_was_added_is_read_and_only_whole_lines(tmp_path: Path) -> None:
    file = tmp_path / "order.log"
    tail = Tail(file)
    assert texts(tail) == []
    file.write_text("one\ntw", encoding="utf-8")
    assert texts(tail) == ["one"]
    with file.open("a", encoding="utf-8") as log:
        log.write("o\n")
    assert texts(tail) == ["two"]
    assert texts(tail) == []


def test_a_log_that_was_emptied_is_read_from_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "order.log"
    file.write_text("one\ntwo\n", encoding="utf-8")
    tail = Tail(file)
    texts(tail)
    file.write_text("new\n", encoding="utf-8")
    assert texts(tail) == ["new"]


def test_lines_of_several_logs_are_in_order_and_a_traceback_stays_with_its_line(tmp_path: Path) -> None:
    order, inventory = tmp_path / "order.log", tmp_path / "inventory.log"
    order.write_text(FIRST + "Traceback\n", encoding="utf-8")
    inventory.write_text(SECOND, encoding="utf-8")
    found = texts(Tail(inventory), Tail(order))
    assert [text.split()[-1] for text in found] == ["confirmed", "Traceback", "deducted"]


def test_of_a_long_log_only_the_end_is_read(tmp_path: Path) -> None:
    file = tmp_path / "order.log"
    file.write_text("x" * 99 + "\n" + ("y" * 99 + "\n") * (TAIL_BYTES // 100 + 1), encoding="utf-8")
    found = texts(Tail(file))
    assert set(found[1:]) == {"y" * 99}
