"""Spark's programs: the Java that they get, and what is said where they are missing."""

import subprocess
import sys
import tempfile

import pytest

from ecomkafka.machine.errors import BrokerError
from ecomkafka.spark import StandaloneCluster, session
from ecomkafka.spark.connector import connector
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


def test_a_cache_with_a_comma_is_named_since_spark_has_a_list_of_jars(tmp_path, monkeypatch):
    monkeypatch.setenv("ECOMKAFKA_CACHE", str(tmp_path / "a,b"))
    with pytest.raises(BrokerError, match=r"a,b has ',' in it, .*: point ECOMKAFKA_CACHE at another folder$"):
        connector()


def test_a_temporary_folder_with_a_space_is_named_since_spark_splits_its_options_there(tmp_path, monkeypatch):
    (tmp_path / "a b").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "a b"))
    with pytest.raises(BrokerError, match=r"a b has a space in it, .*: point TMPDIR at another folder$"):
        StandaloneCluster(1).__enter__()
    assert list((tmp_path / "a b").iterdir()) == []
