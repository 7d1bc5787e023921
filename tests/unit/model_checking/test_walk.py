"""A walk by hand: forward, back, along another branch, and along a trace."""

import pytest

from ecomkafka.model_checking import Bounds, Model
from ecomkafka.model_checking.trace import Move, NoSuchMoveError, Trace
from ecomkafka.model_checking.walk import Walk

ONE = Bounds(warehouses=1)
CREATED = Move(kind="deliver", what="ORDER_CREATED")
DEADLINE = Move(kind="deliver", what="DeadlinePassed")
RESERVE = Move(kind="deliver", what="RESERVE", warehouse="WH-BERLIN")


@pytest.fixture
def walk() -> Walk:
    return Walk(Model(bounds=ONE))


def test_it_goes_and_comes_back(walk: Walk) -> None:
    walk.go(CREATED)
    walk.go(DEADLINE)
    assert walk.now.cancelled
    walk.undo()
    assert (walk.moves, walk.now.cancelled) == ((CREATED,), False)
    walk.undo()
    walk.undo()
    assert walk.moves == ()


def test_to_go_the_same_way_again_makes_no_branch(walk: Walk) -> None:
    for move in (CREATED, DEADLINE):
        walk.go(move)
    walk.undo()
    walk.go(DEADLINE)
    walk.go(RESERVE)
    assert walk.branches == []


def test_the_way_that_was_left_is_kept_whole(walk: Walk) -> None:
    for move in (CREATED, DEADLINE, RESERVE):
        walk.go(move)
    walk.undo()
    walk.undo()
    walk.go(RESERVE)
    (left,) = walk.branches
    assert left.moves == (CREATED, DEADLINE, RESERVE)
    walk.take(left)
    assert walk.moves == left.moves
    assert [branch.moves for branch in walk.branches] == [(CREATED, RESERVE)]


def test_what_is_not_possible_is_refused(walk: Walk) -> None:
    with pytest.raises(NoSuchMoveError, match="deliver DeadlinePassed"):
        walk.go(Move(kind="deliver", what="Charge"))
    with pytest.raises(ValueError, match="the trace is for"):
        walk.take(Trace(bounds=Bounds(), beginning=walk.beginning, moves=()))
