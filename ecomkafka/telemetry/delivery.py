"""Where spans go: to a file, or by HTTP to a server that takes them."""

import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 10.0
"""For the server's answer."""


def deliver(body: bytes, target: str, path: str) -> str:
    """Write `body` to the file `target`, or post it to that URL, to `path` if it has none; returns where it went.

    Raises OSError, or ConnectionError with the server's answer.
    """
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https"):
        Path(target).write_bytes(body)
        return target
    if not parts.hostname:
        raise ValueError(f"{target!r:.120} is no URL: 'http://host:port' is needed")
    url = target if parts.path.strip("/") else f"{target.rstrip('/')}{path}"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):
            return url
    except urllib.error.HTTPError as error:
        with error:
            raise ConnectionError(f"{url} answered {error.code} {error.reason}: is it the right address?") from None
    except OSError as error:
        raise ConnectionError(f"{url} can't be reached ({getattr(error, 'reason', error)})") from None
