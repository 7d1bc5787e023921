"""The story of a program that went wrong: what it, its clients and who struck it did, as a swim-lane."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from ecomkafka.views.swimlanes.diagram import Diagram
from ecomkafka.views.swimlanes.spacing import places
from ecomkafka.views.swimlanes.swimlane import HEAD, ROW
from ecomkafka.views.view import View, new_figure


class Scene(NamedTuple):
    """One step: who did it, to whom ("": to itself), what, and about what. `struck`: it was struck, or got lost."""

    who: str
    to: str
    what: str
    about: str = ""
    struck: bool = False


class _Story(Diagram):
    """A scene is no transaction, and when it happened does not matter."""

    def _margin(self, number: int, group: pd.DataFrame) -> None:
        left, y = 0.02, float(group.index[0])
        self.axes.text(left, y, f"{number}", va="center", fontsize=self.size, fontweight="bold")


def program_story(scenes: Sequence[Scene], lanes: Sequence[str], title: str) -> View:
    """The scenes from top to bottom; `table` has them as rows, the words below the picture tell them one by one."""
    table = pd.DataFrame(
        [
            (number, scene.who, scene.to, scene.what, "struck" if scene.struck else "forward", scene.about, 1, "", "")
            for number, scene in enumerate(scenes, start=1)
        ],
        columns=["transaction", "from", "to", "type", "kind", "warehouse", "attempt", "topic", "payment"],
    )
    figure = new_figure(ROW * len(table) + HEAD)
    _Story(figure.subplots(), table, places(table, lanes=lanes)).draw(title, len(table))
    return View(figure, table, f"{title}: " + "; ".join(map(_told, scenes)) + ".")


def _told(scene: Scene) -> str:
    what = f"{scene.what} {scene.about}".strip()
    return f"{scene.who}: {what}" + (", which gets lost" if scene.struck and scene.to else "")
