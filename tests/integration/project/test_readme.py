"""The README's first order, as it is written there."""

import re
from pathlib import Path

import pytest

from ecomkafka.broker import Broker

README = Path(__file__).parents[3] / "README.md"


def test_the_first_order_is_confirmed(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, str(README), "exec"), {})
    status, trace = capsys.readouterr().out.split("\n", 1)
    assert status == "CONFIRMED"
    for told in ("topic", "partition", "offset", "key", "type", "caused by", "ORDER_CREATED", "ORDER_CONFIRMED"):
        assert told in trace
