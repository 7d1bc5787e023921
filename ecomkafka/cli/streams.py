"""stdout and stderr as every command may use them: there, and never at a loss for a letter."""

import codecs
import os
import sys
from io import TextIOWrapper
from typing import TextIO
from unicodedata import category

_IN_WORDS = {"✔": "ok", "✘": "FAIL", "→": "->", "–": "-", "…": "..."}
_EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"


def prepare_streams() -> None:
    """One that was closed (`>&-`) takes everything and shows nothing. One that isn't UTF-8 gets `_instead`."""
    codecs.register_error("ecomkafka", _instead)
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="ecomkafka")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def _instead(error: UnicodeError) -> tuple[str, int]:
    """Our own signs in ASCII; a letter, which may be of a name, as Python writes it; for an emoji "?"."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_in_ascii, error.object[error.start : error.end])), error.end


def _in_ascii(sign: str) -> str:
    if sign in _IN_WORDS:
        return _IN_WORDS[sign]
    decorates = category(sign) == "So" or sign == _EMOJI_STYLE
    return "?" if decorates else sign.encode("ascii", "backslashreplace").decode()
