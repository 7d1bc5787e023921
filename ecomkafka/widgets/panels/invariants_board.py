"""The invariants board: green or red, with the ids that violate; checked on a click, and when the shop is quiet."""

import html
import time
from collections.abc import Mapping, Sequence

from ipywidgets import HTML, Button  # type: ignore[import-untyped]

from ecomkafka.invariants import INVARIANTS
from ecomkafka.invariants.check import check, unchecked
from ecomkafka.invariants.facts import Violation
from ecomkafka.invariants.witness import Witness
from ecomkafka.shop import Shop
from ecomkafka.widgets.panel_frame import Panel

EVERY_SECONDS = 5.0
"""Not more often by itself: each check reads all that the shop ever wrote."""

_PATIENCE = 10
"""Nor before so many times as long as the last check took."""

_QUIET_SECONDS = 1.5
_SETTLE_SECONDS = 5.0
_IDS = 5


class InvariantsBoard(Panel):
    """Which invariants hold. While the shop works on orders some can't: so it looks by itself when nothing moves."""

    title = "Invariants"

    def __init__(self, shop: Shop, witness: Witness | None = None) -> None:
        """`witness`: a reader that was there all along. The panel's own starts now: what it missed it can't tell."""
        self._witness = witness
        self.board = HTML("<p>Not checked yet.</p>")
        self.check = Button(description="Check", tooltip="Check every invariant now, as soon as the shop is quiet")
        self._seen, self._moved_at = -1, time.monotonic()
        self._checked, self._not_before = -1, 0.0
        super().__init__(shop, self.check, self.board)
        self.check.on_click(lambda button: self.act(self._check))
        self.start()

    def refresh(self) -> None:
        now = time.monotonic()
        if (version := self.feed.version) != self._seen:
            self._seen, self._moved_at = version, now
        if version != self._checked and now > max(self._moved_at + _QUIET_SECONDS, self._not_before):
            self._not_before = float("inf")
            if not self.act(self._check):
                self._not_before = now

    def _check(self) -> str:
        started = time.monotonic()
        try:
            unsettled = self._settle()
            version = self._read_to_the_end()
            facts = self.shop.facts(self._witness or self.feed.witness)
            found = check(facts)
            if not unsettled and self._read_to_the_end() != version:
                return "⏳ The shop was at work meanwhile: it is checked again as soon as it is quiet."
            self.board.value = _board(found, unchecked(facts))
            self._checked = version
        finally:
            ended = time.monotonic()
            self._not_before = ended + max(EVERY_SECONDS, _PATIENCE * (ended - started))
        broken = sum(map(bool, found.values()))
        return (f"❌ {broken} of {len(found)} are broken." if broken else f"✅ All {len(found)} hold.") + unsettled

    def _read_to_the_end(self) -> int:
        """What is being moved is in two places or in none: found so, it would look broken."""
        self.feed.witness.sync()
        return self.feed.version

    def _settle(self) -> str:
        """A shop with a crashed service never settles: then the check says who is behind."""
        try:
            self.shop.settle(_SETTLE_SECONDS)
        except TimeoutError as error:
            return f" The shop is not at rest: {error}."
        return ""


def _board(found: Mapping[str, Sequence[Violation]], notes: Mapping[str, str]) -> str:
    rows = "".join(
        _row(name, invariant.__doc__, found[name], notes.get(name, ""))
        for invariant in INVARIANTS
        for name in [invariant.__name__]
    )
    head = "".join(
        f'<th scope="col" style="text-align:left">{name}</th>' for name in ("invariant", "holds", "broken by")
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(name: str, protects: str | None, violations: Sequence[Violation], note: str) -> str:
    """A sign and a word beside the colour: not everybody can tell green from red.

    `note`: what was not checked, or skipped; it is told where nothing is broken.
    """
    colour, holds = ("#FBD5D5", "❌ broken") if violations else ("#D5F2E3", "✅ holds")
    first = "<br>".join(html.escape(f"{who}: {what}") for who, what in violations[:_IDS]) or html.escape(note)
    more = f"<br>… {len(violations) - _IDS} more" if len(violations) > _IDS else ""
    told = html.escape(" ".join((protects or "").split()), quote=True)
    words = html.escape(name.replace("_", " "))
    short = 'style="white-space:nowrap;text-align:left"'
    cells = (
        f'<td {short} title="{told}">{words}</td><td {short}>{holds}</td><td style="text-align:left">{first}{more}</td>'
    )
    return f'<tr style="background:{colour};color:#000">{cells}</tr>'
