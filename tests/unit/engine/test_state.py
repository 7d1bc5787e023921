"""The state of a partition: overlay, commit, abort, and what is remembered."""

from ecomkafka.engine.state import State
from ecomkafka.messages import Value


class Thing(Value, frozen=True):
    size: int
    open: bool = True


def thing(size, open=True):
    return Thing(size=size, open=open)


def test_reads_see_what_was_written_before_it_is_committed():
    state = State()
    state.put("a", thing(1))
    assert state.get("a") == thing(1)
    state.accept()
    state.put("a", thing(2))
    assert state.get("a") == thing(2)
    assert dict(state.items()) == {"a": thing(2)}
    assert state.snapshot() == {}


def test_an_abort_is_as_if_nothing_had_been():
    state = State()
    state.restore({"a": thing(1), "b": thing(2)})
    state.put("a", thing(9))
    state.delete("b")
    state.put("c", thing(3))
    state.accept()
    state.put("d", thing(4))
    state.abort()
    assert dict(state.items()) == {"a": thing(1), "b": thing(2)}
    assert state.get("c") is None
    assert state.changes() == {}


def test_a_rejected_record_loses_its_own_changes_only():
    state = State()
    state.put("a", thing(1))
    state.accept()
    state.put("a", thing(2))
    state.delete("b")
    state.reject()
    state.put("c", thing(3))
    state.accept()
    assert state.changes() == {"a": thing(1), "c": thing(3)}


def test_a_commit_tells_the_last_value_of_each_key_and_tombstones():
    state = State()
    state.restore({"b": thing(2)})
    for size in range(3):
        state.put("a", thing(size))
        state.accept()
    state.delete("b")
    state.accept()
    assert state.get("b") is None
    assert state.changes() == {"a": thing(2), "b": None}
    state.commit()
    assert dict(state.items()) == state.snapshot() == {"a": thing(2)}
    assert state.changes() == {}


def test_what_changes_say_restores_the_same_state(monkeypatch):
    monkeypatch.setattr(State, "remember", 3)
    state, copy = State(closed=lambda t: not t.open), State(closed=lambda t: not t.open)
    for size in range(50):
        state.put(f"k{size % 7}", thing(size, open=size % 3 == 0))
        state.accept()
        if size % 5 == 0:
            state.delete(f"k{size % 4}")
            state.accept()
        copy.restore(dict(state.changes()))
        state.commit()
        assert copy.snapshot() == state.snapshot()


def test_only_the_newest_closed_values_are_remembered(monkeypatch):
    monkeypatch.setattr(State, "remember", 10)
    state = State(closed=lambda t: not t.open)
    state.restore({"open": thing(0)})
    told = {}
    for size in range(100):
        state.put(f"k{size}", thing(size, open=False))
        state.accept()
        told |= state.changes()
        state.commit()
    assert [key for key, value in told.items() if value is not None] == [f"k{size}" for size in range(90, 100)]
    assert len(state) == 11
    assert dict(state.items()) == {"open": thing(0)}
    assert state.get("k99") == thing(99, open=False)
    assert state.get("k0") is None


def test_a_value_that_is_not_kept_is_told_and_dropped():
    state = State(keep=lambda t: t.open)
    state.put("a", thing(1))
    state.accept()
    state.commit()
    state.put("a", thing(2, open=False))
    state.accept()
    assert state.get("a") == thing(2, open=False)
    assert state.changes() == {"a": thing(2, open=False)}
    state.commit()
    assert state.get("a") is None
    assert state.snapshot() == {}
