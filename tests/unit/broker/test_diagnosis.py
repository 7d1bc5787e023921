"""The cause of a node's death is found in what it left behind."""

from pathlib import Path

import pytest

from ecomkafka.broker.diagnosis import cause


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Socket server failed to bind to 127.0.0.1:21000: Address already in use.", "its port is taken"),
        ("java.io.IOException: No space left on device", "the disk is full"),
        ("java.io.IOException: There is not enough space on the disk", "the disk is full"),
        ("java.lang.UnsupportedClassVersionError: kafka/Kafka has been compiled by a more recent version", "too old"),
        (
            "Error occurred during initialization of VM: Could not reserve enough space for object heap",
            "not enough memory",
        ),
        ("Error occurred during initialization of VM Could not allocate compressed class space", "not enough memory"),
        ("[2024-01-31 12:00:00,000] INFO Terminating process due to signal SIGTERM (kafka)", "somebody has stopped it"),
        ("Error: Could not find or load main class kafka.Kafka", "a jar is missing"),
        ("java.lang.RuntimeException: Error: node ID not found in log", "its data are damaged"),
    ],
)
def test_a_known_cause_is_put_in_words(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "console.log").write_text(line, encoding="utf-8")
    assert words in cause(tmp_path / "console.log", tmp_path / "kafka.log", 0)


def test_an_unknown_cause_is_quoted_with_the_file_to_read(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_text("INFO fine\nERROR the moon is full\nINFO bye\n", encoding="utf-8")
    assert cause(tmp_path / "console.log", log, 0) == f"{log} says 'ERROR the moon is full'"


def test_what_a_broker_tells_in_passing_is_no_cause(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    told = "event failed with DuplicateBrokerRegistrationException in 226 microseconds"
    log.write_text("".join(f"[2024-01-31 12:00:00,000] {level} {told}\n" for level in ("INFO", "WARN")), "utf-8")
    assert cause(tmp_path / "console.log", log, 0) == f"{log} says nothing of it"


def test_what_an_earlier_run_logged_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_text("ERROR No space left on device\n", encoding="utf-8")
    before = log.stat().st_size
    with log.open("a", encoding="utf-8") as file:
        file.write("INFO started\n")
    assert cause(tmp_path / "console.log", log, before) == f"{log} says nothing of it"
