"""The mailbox panel: delivered mails, and dead letters to edit and replay."""

import time
from collections.abc import Callable

from ipywidgets import HTML, Button, Dropdown, HBox, Layout, Select, Text  # type: ignore[import-untyped]

from ecomkafka.engine.records_set_aside import WAITING
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.services.dead_letters import DeadLetter, dead_letters, edit, replay
from ecomkafka.shop import Shop
from ecomkafka.widgets.drawing.markup import field_error, table
from ecomkafka.widgets.panel_frame import Panel

SHOWN = 12
WHOLE = "the whole message, as JSON"
FIELDS = ("customer_id", "kind", "total", "reason", WHOLE)

_PATIENCE = 5
"""A list is read again after so many times as long as it took: it reads two topics from their beginning."""

_MAILS_SECONDS = 0.5
"""Nor are the mails looked at more often."""

_COLUMNS = ("where", "notification", "attempts", "state", "reason")


class MailboxPanel(Panel):
    """Mails as they come; dead letters to *edit* and to *replay*, one or all."""

    title = "Mailbox and dead letters"

    def __init__(self, shop: Shop) -> None:
        self.mails, self.letters, self.edit_error = HTML(), HTML(), HTML()
        self.choice = Select(
            description="Dead letter", tooltip="Those that wait", rows=4, layout=Layout(width="100%", max_width="60em")
        )
        self.field = Dropdown(options=FIELDS, description="Field", tooltip="What to change in the chosen letter")
        self.value = Text(description="New value", tooltip="The text it shall have")
        self.edit = Button(description="Edit", tooltip="Write a letter that replaces the chosen one")
        self.replay_one = Button(description="Replay one", tooltip="Send the chosen letter again")
        self.replay_all = Button(description="Replay all", tooltip="Send every letter again that waits")
        self._listed, self._not_before, self._mails_due = -1, 0.0, 0.0
        super().__init__(
            shop,
            self.mails,
            self.letters,
            self.choice,
            HBox([self.field, self.value, self.edit]),
            self.edit_error,
            HBox([self.replay_one, self.replay_all]),
        )
        self.edit.on_click(lambda button: self._with_choice(self._edit))
        self.replay_one.on_click(lambda button: self._with_choice(self._replay))
        self.replay_all.on_click(lambda button: self.act(lambda: _sent(replay(self.shop.cluster))))
        self._show([])
        self.start()

    def refresh(self) -> None:
        """All that takes long is for the panel's own thread: a busy shop has hundreds of new mails to be read."""
        if time.monotonic() > self._mails_due:
            self._mails_due = float("inf")
            if not self.act(self._show_mails):
                self._mails_due = 0.0
        if self._listed != self.feed.letters_version and time.monotonic() > self._not_before:
            self._not_before = float("inf")
            if not self.act(self._list):
                self._not_before = 0.0

    def _show_mails(self) -> None:
        try:
            self.mails.value = _mails(self.shop.mail_server)
        finally:
            self._mails_due = time.monotonic() + _MAILS_SECONDS

    def _list(self) -> None:
        version, started = self.feed.letters_version, time.monotonic()
        try:
            self._show(dead_letters(self.shop.cluster))
            self._listed = version
        finally:
            self._not_before = time.monotonic() + _PATIENCE * (time.monotonic() - started)

    def _show(self, letters: list[DeadLetter]) -> None:
        waiting = [letter for letter in letters if letter.state == WAITING]
        rows = [(x.position, x.notification_id, x.attempts, x.state, x.reason) for x in reversed(letters[-SHOWN:])]
        self.letters.value = table(f"Dead letters: {len(letters)}, waiting: {len(waiting)}", _COLUMNS, rows)
        options = tuple(
            (f"{letter.position} {letter.notification_id or ''}", str(letter.position)) for letter in waiting
        )
        if options != self.choice.options:
            chosen, self.choice.options = self.choice.value, options
            self._choose(chosen)

    def _choose(self, position: str | None) -> None:
        """None of them if it waits no more: a second click shall not meet another letter."""
        self.choice.value = position if position in (place for _, place in self.choice.options) else None

    def _with_choice(self, do: Callable[[str], None]) -> None:
        self.edit_error.value = field_error("" if self.choice.value else "Choose a dead letter in the list first.")
        if self.choice.value:
            do(self.choice.value)

    def _replay(self, position: str) -> None:
        self.act(lambda: _sent(replay(self.shop.cluster, [position])))

    def _edit(self, position: str) -> None:
        field, text = self.field.value, self.value.value
        fields, whole = ({}, text) if field == WHOLE else ({field: text}, None)

        def work() -> str | None:
            try:
                successor = str(edit(self.shop.cluster, position, fields, whole))
            except ValueError as error:
                self.edit_error.value = field_error(str(error))
                return None
            self._list()
            self._choose(successor)
            return f"✏️ {position} is replaced by {successor}."

        self.act(work)


def _mails(server: MailServer | None) -> str:
    if server is None:
        return "<p>This shop was opened with mail=False: it sends no mail.</p>"
    mails = server.messages
    newest = [(mail.to, mail.subject) for mail in reversed(mails[-SHOWN:])]
    return table(f"Mails: {len(mails)}", ("to", "subject"), newest)


def _sent(count: int) -> str:
    return f"📨 {count} sent again." if count else "Nothing to send again: each was sent or delivered meanwhile."
