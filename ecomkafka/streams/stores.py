"""What a state store holds, as a Python dict (Kafka's name: interactive queries)."""

from datetime import UTC, datetime
from typing import Any


def contents(streams: Any, name: str) -> dict[Any, str]:
    """Keyed by the key; in a window or session store by (key, start, end). Raises KeyError if there is no such store.

    It holds the partitions of this instance; another one has its own.
    """
    from org.apache.kafka.streams import StoreQueryParameters
    from org.apache.kafka.streams.errors import InvalidStateStoreException
    from org.apache.kafka.streams.state import QueryableStoreTypes as Types

    for kind, everything in ((Types.keyValueStore, _all), (Types.windowStore, _all), (Types.sessionStore, _fetch)):
        try:
            entries = everything(streams.store(StoreQueryParameters.fromNameAndType(name, kind())))
        except InvalidStateStoreException:  # of another kind
            continue
        try:
            return {_key(entry.key): str(entry.value) for entry in entries}
        finally:
            entries.close()
    raise KeyError(f"{name!r} is no state store of this topology: `topology.describe()` names them")


def _all(store: Any) -> Any:
    return store.all()


def _fetch(store: Any) -> Any:
    return store.fetch(None, None)


def _key(key: Any) -> Any:
    if not hasattr(key, "window"):
        return str(key)
    window = key.window()
    return str(key.key()), _time(window.start()), _time(window.end())


def _time(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
