"""What only the process may use that has made it.

A forked child has a copy of everything. The copy of a client speaks with the parent's id, sequence numbers and sockets,
so that what both send gets lost, or half lost.
"""

import os


class Maker:
    """The process that has made something."""

    def __init__(self) -> None:
        self._process = os.getpid()

    @property
    def is_here(self) -> bool:
        """Whether it is this process, and not one of which this is a fork."""
        return self._process == os.getpid()

    def check(self, what: str, instead: str) -> None:
        """Raises RuntimeError in a forked child: `what` it may not use, and what it is to do `instead`."""
        if not self.is_here:
            raise RuntimeError(
                f"{what} belongs to process {self._process}, and this is process {os.getpid()}, a fork of it: {instead}"
            )
