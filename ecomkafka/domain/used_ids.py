"""The ids under which a client has sent something: a repeated id is a retry, or an error if the content differs."""

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

MAX_IDS = 10_000
"""Of so many a client remembers the content: about 2 MB."""


class UsedIds:
    """The newest MAX_IDS ids of one client: of each, the content."""

    error: ClassVar[type[ValueError]] = ValueError
    sentence: ClassVar[str]
    """What is said of an id that belongs to something else."""

    def __init__(self) -> None:
        self._contents: dict[str, int | None] = {}
        """Of each id the content's hash; None: it is not known."""

    def __contains__(self, name: str) -> bool:
        return name in self._contents

    def add(self, name: str, content: Hashable) -> None:
        """Remember the content. Raises `error` if the id has another one: the same one may be sent again."""
        known = self._contents.get(name)
        if known is not None and known != hash(content):
            raise self.refusal(name)
        self._contents[name] = hash(content)
        if len(self._contents) > MAX_IDS:
            del self._contents[next(iter(self._contents))]

    def recall(self, names: Iterable[str]) -> None:
        """Ids from before, in the order of their use; their contents somebody else knows."""
        known = dict.fromkeys(names) | self._contents
        self._contents = dict(list(known.items())[-MAX_IDS:])

    def refusal(self, name: str) -> ValueError:
        return self.error(self.sentence.format(name))

    @contextmanager
    def sending(self, contents: Iterable[tuple[str, Hashable]]) -> Iterator[None]:
        """Remember the contents by their ids, unless they are not sent. Raises as `add`."""
        new: list[str] = []
        try:
            for name, content in contents:
                if name not in self:
                    new.append(name)
                self.add(name, content)
            yield
        except BaseException:
            # None was sent; after an UnknownOutcomeError or Ctrl-C they may have been.
            for name in new:
                self._contents.pop(name, None)
            raise
