"""What is to be said of a program that ended by itself."""

from ecomkafka.exercises.capstone import limits
from ecomkafka.exercises.capstone.student_process import StudentProcess
from ecomkafka.exercises.checking.verdict import Wrong

NO_KAFKA = ("MetadataEmptyBrokerList", "NoBrokersAvailable")
"""Errors of a client whose Kafka does not answer in time."""


def ended(process: StudentProcess, *, spoke: bool) -> Exception:
    """The program's fault; or Kafka's, if it had answered before (`spoke`): that happens on a busy machine."""
    words = process.last_words()
    if spoke and any(name in words for name in NO_KAFKA):
        return ConnectionError(
            f"Kafka did not answer {process.name}: this is no attempt, check again. It said: {words}"
        )
    hint = limits.ENDED if process.exit_code else limits.ENDED_WELL
    return Wrong(hint, f"{process.name} runs", f"it ended, exit code {process.exit_code}: {words}")
