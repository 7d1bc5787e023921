"""Spark's programs: the Java that they get, and what is said where they are missing."""

import subprocess
import sys

import pytest

from ecomkafka.machine.errors import BrokerError
from ecomkafka.spark import session
from ecomkafka.spark.programs import LEFT_OUT, java_home


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(BrokerError, match=r"^PySpark is missing: pip install 'ecomkafka\[spark\]'$"), session():
        pass


def test_a_java_without_the_vector_module_starts_all_the_same(tmp_path):
    java = java_home(tmp_path / "a folder") / "bin" / "java"
    command = [str(java), "-XshowSettings:properties", LEFT_OUT, "-Dname=a value", "-version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "name = a value" in done.stderr
