"""The words of a question: three hints, a *why* with choices, and what its solution says. Data, in `texts.toml`."""

import tomllib
from importlib import resources

import msgspec

from ecomkafka.course.recall_quiz import Question as Choice


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hints`: a nudge, the idea, nearly the code. The rest is shown with the solution, `why` after a check."""

    hints: tuple[str, str, str]
    because: str
    mistakes: list[str]
    another: str
    why: Choice

    def __str__(self) -> str:
        """What the solution says beside its code."""
        mistakes = "\n".join(f"- {mistake}" for mistake in self.mistakes)
        return f"Why it is right: {self.because}\n\nTypical mistakes:\n{mistakes}\n\nAnother way: {self.another}"


def texts_of(folder: str, question: str) -> Texts:
    """The words of `question`, "q1", in the package `folder` of exercises, "lesson_06".

    Raises ValueError if the file has none, or if they are not as they should be.
    """
    file = resources.files("ecomkafka.exercises") / folder / "texts.toml"
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), dict[str, Texts])[question]
    except (KeyError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"texts of question {question} in {folder}/texts.toml: {error}") from error
