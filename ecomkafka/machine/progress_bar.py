"""The progress of a long first start: passed to a callback, or drawn as a bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[str, float], None]
"""Called with the current task and the share of it that is done, from 0.0 to 1.0."""


@contextmanager
def reporting(report: Report | None) -> Iterator[Report]:
    """Yields `report`; without one a bar on stderr that vanishes at the end, or nothing without a terminal."""
    if report is not None:
        yield report
        return
    from rich.console import Console  # only the first use shows a bar
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    seen = console.is_terminal or console.is_jupyter
    with Progress(*columns, console=console, transient=True, disable=not seen) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)
