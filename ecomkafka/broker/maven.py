"""The Maven repository of the jars: that of ECOMKAFKA_MAVEN, else the user's mirror of Central, else Central."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from ecomkafka.machine.errors import BrokerError


def mirror() -> str | None:
    """The URL of the mirror of Central; None without one."""
    setting = os.environ.get("ECOMKAFKA_MAVEN", "").strip()
    if setting:
        return _checked(setting, "ECOMKAFKA_MAVEN")
    file = Path(os.path.expanduser("~"), ".m2", "settings.xml")  # "~" stays, where nobody is at home: no such file
    url = _of_maven(file)
    return _checked(url, str(file)) if url else None


def shown(url: str) -> str:
    """The URL without a password."""
    return re.sub(r"//[^/@]*@", "//***@", url)


def _of_maven(file: Path) -> str | None:
    """The URL of the first mirror of Central in Maven's own settings."""
    try:
        root = ElementTree.fromstring(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ElementTree.ParseError) as error:
        raise BrokerError(f"{file} can't be read ({error}): repair it, or set ECOMKAFKA_MAVEN") from error
    mirrors = (_fields(one) for one in root.iter() if _name(one.tag) == "mirror")
    url = next((one["url"] for one in mirrors if one.get("url") and _is_of_central(one.get("mirrorOf", ""))), None)
    return re.sub(r"\$\{env\.(\w+)\}", lambda match: os.environ.get(match[1], ""), url) if url else None


def _fields(one: ElementTree.Element) -> dict[str, str]:
    return {_name(field.tag): (field.text or "").strip() for field in one}


def _is_of_central(pattern: str) -> bool:
    """As Maven reads it: names, "*", "external:*", and "!name" for what is left out."""
    names = {name.strip() for name in pattern.split(",")}
    return "!central" not in names and not names.isdisjoint({"central", "*", "external:*"})


def _name(tag: str) -> str:
    """Without the name space."""
    return tag.rpartition("}")[2]


def _checked(url: str, where: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BrokerError(f"{where}: {shown(url)!r:.120} is no repository; 'https://host/path' is needed")
    return url.rstrip("/")
