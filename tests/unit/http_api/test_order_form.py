"""Whatever a client sends is an order that the shop can take, or is refused with reasons: never anything else."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from litestar.plugins.problem_details import ProblemDetailsException

from ecomkafka.catalogue import DEFAULT
from ecomkafka.domain.basket import lines_of
from ecomkafka.http_api.order_form import read_form

SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=120)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
MOSTLY_RIGHT = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["ann", "zoë", "x" * 100]) | ANYTHING,
        "items": st.lists(
            st.fixed_dictionaries(
                {
                    "product_id": st.sampled_from([*DEFAULT, "X"]) | ANYTHING,
                    "quantity": st.integers(-1, 1_000_001) | ANYTHING,
                },
                optional={"price": SCALARS},
            ),
            max_size=5,
        )
        | ANYTHING,
    },
    optional={"order_id": SCALARS},
)


def outcome(body: bytes) -> Any:
    """The order, or the problem that it is refused with."""
    try:
        return read_form(body, DEFAULT)
    except ProblemDetailsException as refused:
        return refused


@given(MOSTLY_RIGHT | ANYTHING)
def test_any_json_is_an_order_or_is_refused_with_reasons(form: Any) -> None:
    found = outcome(msgspec.json.encode(form))
    if isinstance(found, ProblemDetailsException):
        assert found.status_code in (400, 422)
        assert isinstance(found.extra, dict)
        assert all(error["pointer"].startswith("#") and error["detail"] for error in found.extra["errors"])
    else:
        assert lines_of(found.request("ORD-1")["items"], DEFAULT)


@given(st.binary(max_size=200))
def test_what_is_hardly_ever_json_is_refused(body: bytes) -> None:
    assert outcome(body).status_code == 400
