"""The HTML of the panels: tables, errors, pictures, and a still copy for when no kernel runs."""

import base64
import html
from collections.abc import Iterable, Sequence

from ipywidgets import HTML, Widget  # type: ignore[import-untyped]

from ecomkafka.views.view import View


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """HTML that a screen reader can walk through; every cell is escaped."""
    head = "".join(
        f'<th scope="col" style="padding:0 .8em;text-align:left">{html.escape(name)}</th>' for name in columns
    )
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    name = f'<caption style="text-align:left;font-weight:bold">{html.escape(caption)}</caption>'
    return f"<table>{name}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def field_error(sentence: str) -> str:
    """What is wrong with the field beside it; nothing if `sentence` is empty."""
    return f'<span role="alert" style="color:#B00020">{html.escape(sentence)}</span>' if sentence else ""


def picture(view: View) -> str:
    """The view's picture, with its words for who does not see it."""
    data, alt = base64.b64encode(view.png()).decode(), html.escape(view.alt, quote=True)
    return f'<img style="max-width:100%" alt="{alt}" src="data:image/png;base64,{data}">'


def snapshot(widget: Widget) -> str:
    """What the widget shows, as plain HTML: names of controls with their values. A nameless one repeats another."""
    children = getattr(widget, "children", None)
    if children is not None:
        return f"<div>{''.join(map(snapshot, children))}</div>"
    if isinstance(widget, HTML):
        return str(widget.value)
    value = getattr(widget, "label", getattr(widget, "value", None))
    name = html.escape(str(getattr(widget, "description", "") or ""))
    if value is None:
        return f"<p>[{name}]</p>"
    return f"<p>{name}: {html.escape(str(value))}</p>" if name else ""


def _cell(value: object) -> str:
    return f'<td style="padding:0 .8em;text-align:left">{html.escape("" if value is None else str(value))}</td>'
