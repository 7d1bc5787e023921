"""The capstone's verdict names the field in which an answer differs."""

import json
from datetime import UTC, datetime

import pytest

from ecomkafka.exercises.capstone.differences import first_difference
from ecomkafka.messages import InsufficientStock, Shortage, encode

RIGHT = InsufficientStock(
    order_id="ORD-001",
    warehouse_id="WH-BERLIN",
    shortages=(Shortage(product_id="LAPTOP-001", requested=2, available=0),),
    at=datetime(2026, 1, 5, 12, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "RESERVED"}, ("type: INSUFFICIENT_STOCK", "type: RESERVED")),
        (
            {"shortages": [{"product_id": "LAPTOP-001", "requested": 2, "available": -1}]},
            ("shortages[0].available: 0", "shortages[0].available: -1"),
        ),
        ({"shortages": []}, ("shortages: 1 entries", "shortages: 0")),
        ({"warehouse_id": None}, ("warehouse_id: WH-BERLIN", "warehouse_id: None")),
        ({"more": 1}, None),
    ],
)
def test_the_first_field_that_differs_is_named(change: dict[str, object], said: tuple[str, str] | None) -> None:
    assert first_difference(RIGHT, json.dumps(json.loads(encode(RIGHT)) | change).encode()) == said


@pytest.mark.parametrize("value", [None, b"yes", b"[1]"])
def test_what_is_no_answer_at_all_has_no_field(value: bytes | None) -> None:
    assert first_difference(RIGHT, value) is None
