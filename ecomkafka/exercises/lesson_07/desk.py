"""The desk of a saga's executor: steps that are done and undone, and notes that survive a power cut."""

from ecomkafka.exercises.checking.power_cut import PowerCut


class Refused(Exception):
    """A step was refused: it has done nothing."""


class Desk:
    """`refused` is the step that is refused the first time, "" for none; `cut` as in `Database`, -1: never."""

    def __init__(self, refused: str, cut: int) -> None:
        self.done: list[str] = []
        """The steps whose effects are there now, in the sequence in which they were done."""
        self.turned = False
        """Whether something was undone."""
        self.out_of_sequence = ""
        self._refused, self._left = refused, cut
        self._notes: list[str] = []

    def note(self, text: str) -> None:
        """Write a text down. Notes survive a power cut."""
        self._power()
        self._notes.append(str(text))
        self._power()

    def notes(self) -> list[str]:
        """All notes, the oldest first."""
        return list(self._notes)

    def do(self, step: str) -> None:
        """Do the step; once more changes nothing. Raises Refused if it is refused."""
        self._power()
        if step == self._refused:
            self._refused = ""
            raise Refused(step)
        if step not in self.done:
            self.done.append(step)
        self._power()

    def undo(self, step: str) -> None:
        """Undo the step; if it was not done, or was undone before, nothing changes."""
        self._power()
        self.turned = True
        if step in self.done:
            if step != self.done[-1]:
                self.out_of_sequence = self.out_of_sequence or f"{step} was undone before {self.done[-1]}"
            self.done.remove(step)
        self._power()

    def restart(self) -> None:
        """The power is back, for good."""
        self._left = -1

    def _power(self) -> None:
        if self._left == 0:
            raise PowerCut
        self._left -= 1
