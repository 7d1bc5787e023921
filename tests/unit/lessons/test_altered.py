"""Other settings for a while."""

import pytest

from ecomkafka.engine.state import State
from ecomkafka.lessons.altered import altered


def fail_with(remember):
    with altered(State, remember=remember):
        raise RuntimeError(f"remember is {State.remember}")


def test_the_usual_values_are_back_after_the_block_even_if_it_fails():
    usual = State.remember
    with pytest.raises(RuntimeError, match="remember is 3"):
        fail_with(remember=3)
    assert State.remember == usual


def test_a_setting_that_is_none_is_refused_before_anything_changes():
    usual = State.remember
    with pytest.raises(AttributeError, match="forget"):
        altered(State, remember=3, forget=1).__enter__()
    assert State.remember == usual
