"""One instance of the windows as a process of its own: `python -m ecomkafka.streams.instance BOOTSTRAP NAMESPACE NAME`.

It prints its state when that changes. For each line that it reads, it prints its windows as JSON; at the end of its
input it ends. So whoever started it can ask it, and it does not outlive that.
"""

import json
import sys
import threading
import time
from typing import Any

from ecomkafka.clients import Cluster
from ecomkafka.streams.engine import Engine
from ecomkafka.streams.five_minute_windows import STORE, TOPIC, topology
from ecomkafka.streams.java_machine import start_java
from ecomkafka.streams.stores import NotHereError

_EVERY = 0.05


def main(bootstrap: str, namespace: str, name: str) -> None:
    start_java()
    from java.time import Duration

    cluster = Cluster.of(bootstrap, namespace)
    with Engine(cluster, name, topology(cluster.name(TOPIC), Duration.ofDays(400))) as engine:
        threading.Thread(target=_tell_state, args=(engine,), daemon=True).start()
        for _line in sys.stdin:
            _tell({"windows": _rows(engine)})


def _rows(engine: Engine) -> dict[str, Any]:
    """The windows of the partitions that it has now; none while it gets others."""
    if engine.state != "RUNNING":
        return {}
    try:
        store = engine.store(STORE)
    except NotHereError:
        return {}
    return {start.isoformat(): json.loads(sums) for (_day, start, _end), sums in store.items()}


def _tell_state(engine: Engine) -> None:
    last = ""
    while last != "NOT_RUNNING":
        if engine.state != last:
            last = engine.state
            _tell({"state": last})
        time.sleep(_EVERY)


def _tell(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
