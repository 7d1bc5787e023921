"""Hundreds of requests made from the OpenAPI document (Schemathesis): each is answered as the document says."""

import subprocess
import sys
from pathlib import Path

from ecomkafka.http_api.limits import Limits
from ecomkafka.shop import Shop

CONFIG = Path(__file__).with_name("schemathesis.toml")
CASES = 10
"""So many random requests for each path, besides those for each limit that the document names."""


def test_what_the_document_says_is_what_the_living_api_does(shop: Shop, tmp_path: Path) -> None:
    unhurried = Limits(rate=1e6, burst=1_000_000)  # else all but the first requests would be too many
    with shop.gateway(limits=unhurried) as gateway:
        command = [str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIG), "run"]
        # An event stream ends with its order, and not with its answer.
        options = ["--exclude-path-regex", "events", "-n", str(CASES), "--seed", "1", "--continue-on-failure"]
        quiet = ["--no-shrink", "--warnings", "off", "--request-timeout", "60", "--suppress-health-check", "all"]
        done = subprocess.run(
            [*command, f"{gateway.url}/openapi.json", *options, *quiet],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=500,
        )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "No issues found" in done.stdout or "passed" in done.stdout
