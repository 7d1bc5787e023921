"""What a state store holds, as a Python dict (Kafka's name: interactive queries)."""

from datetime import UTC, datetime
from typing import Any


class NotHereError(RuntimeError):
    """This instance has no partition of the store, or gets others just now: ask again, or ask another instance."""


def contents(streams: Any, name: str) -> dict[Any, str]:
    """Keyed by the key; in a window or session store by (key, start, end).

    It holds the partitions of this instance; another one has its own. Raises KeyError if the topology has no such
    store, NotHereError if it is not here now.
    """
    from org.apache.kafka.streams import StoreQueryParameters
    from org.apache.kafka.streams.errors import InvalidStateStoreException, UnknownStateStoreException
    from org.apache.kafka.streams.state import QueryableStoreTypes as Types

    for kind, everything in ((Types.keyValueStore, _all), (Types.windowStore, _all), (Types.sessionStore, _fetch)):
        try:
            entries = everything(streams.store(StoreQueryParameters.fromNameAndType(name, kind())))
        except UnknownStateStoreException as error:
            raise KeyError(f"{name!r} is no state store of this topology: `topology.describe()` names them") from error
        except InvalidStateStoreException:  # of another kind, or not here
            continue
        try:
            return {key_of(entry.key): str(entry.value) for entry in entries}
        finally:
            entries.close()
    raise NotHereError(f"no partition of the store {name!r} is on this instance now: ask again when it is RUNNING")


def _all(store: Any) -> Any:
    return store.all()


def _fetch(store: Any) -> Any:
    return store.fetch(None, None)


def key_of(key: Any) -> Any:
    """A text, or (key, start, end) for the key of a window or session."""
    if not hasattr(key, "window"):
        return str(key)
    window = key.window()
    return str(key.key()), _time(window.start()), _time(window.end())


def _time(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
