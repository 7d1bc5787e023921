"""A caption as Markdown that shows it as it is written."""

import re

_MARKUP = re.compile(r"[\\`*<>\[\]$~|&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|://|www\.(?=\S)|(?<=\S)@(?=\S)")
"""What Markdown, or MathJax after it, would take for its own. Within a word an underscore is none."""


def caption(text: str) -> str:
    """In italics, on one line. An element of its own keeps a sign from MathJax, which looks at what is displayed."""
    line = " ".join(text.split())
    return f"*{_MARKUP.sub(_as_written, line)}*" if line else ""


def _as_written(found: re.Match[str]) -> str:
    sign, rest = found[0][0], found[0][1:]
    entity = f"&#{ord(sign)};"
    return (f"<span>{entity}</span>" if sign in "$\\" else entity) + rest
