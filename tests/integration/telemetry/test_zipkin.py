"""The command that shows a trace: a real Zipkin, which ends with the command."""

import json
import re
import signal
import urllib.request
from pathlib import Path
from typing import Any

from ecomkafka.shop import Shop
from ecomkafka.trace_context import trace_id
from tests.commands import Commands
from tests.waiting import PATIENCE, eventually


def asked(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        found: list[dict[str, Any]] = json.loads(answer.read())
    return found


def is_there(url: str) -> bool:
    try:
        asked(url)
    except OSError:
        return False
    return True


def test_a_trace_is_shown_until_it_is_interrupted(shop: Shop, tmp_path: Path) -> None:
    order_id = shop.order("ann", {"LAPTOP-001": 1, "MOUSE-001": 1})
    shop.wait(order_id)
    shop.settle()
    here = Commands(tmp_path, BOOTSTRAP=",".join(shop.cluster.bootstrap), NAMESPACE=shop.cluster.namespace)
    with here.start("trace", order_id, "--view") as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(rf"(http://127\.0\.0\.1:\d+)/zipkin/traces/{trace_id(order_id)} shows 15 spans", said)
        assert found, said + (process.stderr.read() if process.stderr else "")
        trace = f"{found[1]}/api/v2/trace/{trace_id(order_id)}"
        eventually(lambda: is_there(trace), "Zipkin has the trace")
        spans = asked(trace)
        assert len({span["id"] for span in spans}) == 15
        services = {span["localEndpoint"]["serviceName"] for span in spans}
        assert services == {"client", "order", "inventory", "notification"}
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert not is_there(trace)
