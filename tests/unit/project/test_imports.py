"""What a program does not use it does not import: packages that take long are loaded by whoever needs them."""

import subprocess
import sys

import pytest

SLOW = {
    "pandas",
    "numpy",
    "matplotlib",
    "IPython",
    "ipywidgets",
    "jgo",
    "requests",
    "sqlalchemy",
    "aiosmtpd",
    "cryptography",
    "litestar",
    "uvicorn",
    "prometheus_client",
    "jpype",
    "pyspark",
    "fastavro",
    "google",
}


def loaded(code: str) -> set[str]:
    """Which of the slow packages a new program has loaded after `code`."""
    command = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"]
    return SLOW & set(subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout.split())


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("import ecomkafka.shop.shop", {"sqlalchemy", "aiosmtpd"}),
        ("import ecomkafka.operations.serve", set()),
        ("from ecomkafka.services.order import OrderService", set()),
        ("import ecomkafka.chaos.observable_service", {"sqlalchemy", "aiosmtpd"}),
        ("import ecomkafka.cli", set()),
        ("import ecomkafka.spark.five_minute_windows", set()),
        ("import ecomkafka.http_api.server", {"litestar", "uvicorn", "sqlalchemy"}),
    ],
)
def test_only_what_is_needed_is_loaded(code, needed):
    assert loaded(code) <= needed
