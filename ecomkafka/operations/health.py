"""The health of each service: its process, group, lag and last commit, and a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from ecomkafka.clients import Cluster
from ecomkafka.clients.groups import GROUPS, Lag, Membership, lags, memberships
from ecomkafka.clients.reader import partitions_of, read_to
from ecomkafka.gateways.order_projection import TOPIC
from ecomkafka.gateways.order_store import OrderStore
from ecomkafka.gateways.sql_tables import open_engine
from ecomkafka.operations.processes import Entry, entries
from ecomkafka.settings import Settings

STUCK = timedelta(seconds=30)
"""A service with lag that has committed nothing for this time is stuck."""

READ_SECONDS = 10.0

_NO_PROCESS = "its process does not run: 'ecomkafka up' starts it"


@dataclass(frozen=True)
class Health:
    """One service. `state` and `members` are its group's; the read model has no group."""

    service: str
    pids: tuple[int, ...]
    state: str | None
    members: tuple[str, ...]
    lag: int | None
    """Records that are not handled yet; None if unknown."""
    last_commit: datetime | None
    trouble: str | None
    """Why it is not well; None if it is."""

    @property
    def well(self) -> bool:
        return self.trouble is None


def check(cluster: Cluster, settings: Settings) -> list[Health]:
    """The health of each service of the cluster's namespace. With an external Kafka the services may run elsewhere."""
    running = [entry for entry in entries() if entry.namespace == cluster.namespace]
    found_lags, now = lags(cluster), datetime.now(UTC)
    found = []
    for group in memberships(cluster):
        pids = _pids(running, GROUPS[group.group].service)
        own = [lag for lag in found_lags if lag.group == group.group]
        found.append(judge(group, own, pids, settings.external, now))
    if running or not settings.external:
        found.append(_read_model(cluster, settings, _pids(running, "read-model")))
    return found


def _pids(running: Sequence[Entry], service: str) -> tuple[int, ...]:
    return tuple(entry.pid for entry in running if entry.service == service)


def judge(group: Membership, found_lags: Sequence[Lag], pids: tuple[int, ...], external: bool, now: datetime) -> Health:
    """The health of one service, judged from its group, lag and processes."""
    last = max((lag.last_commit for lag in found_lags if lag.last_commit), default=None)
    total = sum(lag.lag for lag in found_lags)
    trouble = None
    if not found_lags:
        trouble = "its topics do not exist: 'ecomkafka create-topics' makes them"
    elif not pids and not external:
        trouble = _NO_PROCESS
    elif not group.members:
        trouble = "nobody is in its group: its log says why"
    elif total and (last is None or now - last > STUCK):
        trouble = f"it is {total} records behind and has committed nothing for {STUCK.seconds} s: its log says why"
    return Health(GROUPS[group.group].service, pids, group.state, group.members, total, last, trouble)


def _read_model(cluster: Cluster, settings: Settings, pids: tuple[int, ...]) -> Health:
    lag, trouble = None, None if pids else _NO_PROCESS
    try:
        lag = _records_not_in_sql(cluster, settings)
    except (SQLAlchemyError, LookupError, TimeoutError) as error:
        trouble = trouble or str(getattr(error, "orig", None) or error)
    return Health("read-model", pids, None, (), lag, None, trouble)


def _records_not_in_sql(cluster: Cluster, settings: Settings) -> int:
    engine = open_engine(settings.sql)
    try:
        offsets = OrderStore(engine, cluster.namespace, TOPIC).offsets()
    finally:
        engine.dispose()
    with cluster.consumer() as consumer:
        partitions = partitions_of(consumer, cluster, TOPIC)
        starts, ends = {p: offsets.get(p.partition, 0) for p in partitions}, consumer.end_offsets(partitions)
        # Counted, not subtracted: the markers of transactions have offsets too, and no row.
        return sum(1 for _ in read_to(consumer, cluster, starts, ends, READ_SECONDS))
