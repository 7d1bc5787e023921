"""What each step of the capstone does to a program, and what has to be true afterwards."""

from ecomkafka.exercises.capstone import hints
from ecomkafka.exercises.capstone.findings import Finding, Kind, first_finding, half
from ecomkafka.exercises.capstone.limits import STOPPED
from ecomkafka.exercises.capstone.strikes import (
    FreezeAtAnswer,
    FreezeBeforeAnswer,
    KillAtCommit,
    KillAtEnd,
    KillBeforeAnswer,
    request_of,
)
from ecomkafka.exercises.capstone.student_process import StudentProcess
from ecomkafka.exercises.capstone.wire import COMMIT, COMMIT_IN_TRANSACTION, END, FETCH, INIT, JOINED, Event
from ecomkafka.exercises.capstone.workbench import ANSWERS, REQUESTS, STOCK, WentWrong, Workbench
from ecomkafka.exercises.checking.verdict import Wrong
from ecomkafka.messages import Reserve


def reads_and_answers(bench: Workbench) -> None:
    """Requests from before the start and from after it; all that is left, one more, one item there and one not."""
    early = bench.requests.mixed(4)
    bench.send(early)
    bench.start()
    bench.send([*bench.requests.edges(), *bench.requests.mixed(8)])
    bench.finish()
    if not any(bench.is_answered(request) for request in early):
        expected = f"answers to {early[0].order_id} to {early[-1].order_id}, which were there before it"
        raise WentWrong(hints.LATEST, Finding(Kind.LOST, early[0].order_id, expected, "none"))
    judge(bench, hints.STEP_1)


def survives_a_kill(bench: Workbench) -> None:
    """A request that is done is committed; then a kill when an answer is on its way to Kafka and does not arrive."""
    process = bench.start()
    done = bench.requests.reserve(0)
    bench.send([done])
    bench.finish()
    judge(bench, hints.STEP_1)
    _committed(bench, process, done)
    victim = bench.requests.reserve(0)
    strike = bench.strike(process, KillBeforeAnswer, victim)
    bench.kill(process)
    bench.start()
    bench.finish()
    told = {**hints.STEP_2, Kind.LOST: hints.COMMIT_FIRST if strike.commit_came_first else hints.AUTO_COMMIT}
    judge(bench, told, at_least_once=True)


def answers_once(bench: Workbench) -> None:
    """A request that comes twice; a kill between the answer and the commit; the request once more."""
    process = bench.start()
    twice = bench.requests.reserve(1)
    bench.send([twice])
    bench.send([twice], again=True)
    bench.finish()
    judge(bench, hints.STEP_3)
    victim = bench.requests.reserve(0)
    bench.strike(process, KillAtCommit, victim)
    bench.kill(process)
    bench.start()
    bench.send([victim, twice], again=True)
    bench.finish()
    judge(bench, {**hints.STEP_3, Kind.TWICE: hints.MEMORY_DIED})


def never_half(bench: Workbench) -> None:
    """A request whose own transaction was aborted; a kill before the end of the transaction of an answer."""
    process = bench.start()
    bench.send_aborted(bench.requests.reserve(1))
    bench.finish()
    judge(bench, hints.STEP_4)
    victim = bench.requests.reserve(0)
    if not bench.strike(process, KillAtEnd, victim).done.is_set():
        observed = f"{victim.order_id} was answered without one"
        raise WentWrong(hints.NO_TRANSACTION, Finding(Kind.HALF, victim.order_id, "a transaction", observed))
    bench.kill(process)
    if finding := half(bench.model, bench.seen(ANSWERS), bench.seen(STOCK), victim.order_id):
        raise WentWrong(hints.HALF, finding)
    bench.start()
    bench.finish()
    outside = _committed_outside(bench.log, victim.order_id)
    believed = hints.LOST if bench.is_answered(victim) else hints.BELIEVED
    judge(bench, {**hints.STEP_4, Kind.LOST: hints.OFFSETS_OUTSIDE if outside else believed})


def two_instances(bench: Workbench) -> None:
    """Twice one of two is frozen, the other takes over, and the frozen one thaws: before it has begun its transaction,
    and with its answer in the log.
    """
    bench.start("a")
    bench.finish()
    bench.start("b")
    _own_ids(bench)
    _late_commit(bench)
    _open_transaction(bench)


def _late_commit(bench: Workbench) -> None:
    """Frozen before Kafka has heard anything: when it thaws, nothing but the group's generation can stop it."""
    frozen, other = _owners(bench)
    _answered(bench, [bench.requests.reserve(0)])  # after the other one has looked at the shelves
    strike = bench.strike(frozen, FreezeBeforeAnswer, bench.requests.reserve(0))
    _taken_over(bench, frozen, other, strike)
    _thawed(bench, frozen, strike)
    late = hints.ZOMBIE_LATE if _knew_its_generation(bench, frozen) else hints.ZOMBIE
    judge(bench, {**hints.STEP_5, Kind.TWICE: late})


def _open_transaction(bench: Workbench) -> None:
    """Frozen with its answer in the log: while its transaction is open the other one answers, is sent through a
    rebalance, and is asked the same again.
    """
    frozen, other = _owners(bench)
    strike = bench.strike(frozen, FreezeAtAnswer, bench.requests.reserve(0))
    behind = _taken_over(bench, frozen, other, strike)
    since = len(bench.log)
    bench.evict(other)
    bench.until(lambda: _is_back(bench, other, since), STOPPED)
    last = bench.requests.reserve(0)
    bench.send([behind], again=True)
    bench.send([last])
    bench.until(lambda: _is_done(bench, other, last.order_id), STOPPED)
    _thawed(bench, frozen, strike)
    judge(bench, {**hints.STEP_5, Kind.TWICE: hints.FORGOTTEN})


def _taken_over(bench: Workbench, frozen: StudentProcess, other: StudentProcess, strike: FreezeAtAnswer) -> Reserve:
    """Throw the frozen one out, and wait until the other one has answered one more order: that order."""
    bench.evict(frozen)
    more = bench.requests.reserve(0)
    bench.send([more])
    try:
        bench.until(lambda: _is_done(bench, other, more.order_id), hints.NO_TAKE_OVER)
    except Wrong as wrong:
        if frozen.name not in bench.owners_under_way() or wrong.hint != hints.NO_TAKE_OVER:
            raise
        observed = f"{other.name} waits for the open transaction of {frozen.name}"
        raise WentWrong(
            hints.WAITS_FOR_OPEN, Finding(Kind.LOST, strike.order_id, wrong.expected, observed, wrong.observed)
        ) from wrong
    return more


def _thawed(bench: Workbench, frozen: StudentProcess, strike: FreezeAtAnswer) -> None:
    """Thaw it, let it do what it would do, start it again if that was its end; then wait until all is answered."""
    bench.may_end.add(frozen.name)
    since = len(bench.log)
    strike.thaw()
    bench.until(lambda: frozen.ended or _acts(bench, frozen, since), STOPPED)
    if frozen.ended:
        bench.start(frozen.name.split(" ")[0].removeprefix("inventory-"))
    else:
        bench.until(lambda: frozen.ended or _is_back(bench, frozen, since), STOPPED)
    bench.finish()


def judge(bench: Workbench, told: dict[Kind, str], *, at_least_once: bool = False) -> None:
    """Raises WentWrong, with the hint that this step has for what was found."""
    finding = first_finding(bench.model, bench.seen(ANSWERS), bench.seen(STOCK), at_least_once=at_least_once)
    if finding:
        raise WentWrong(told[finding.kind], finding)


def _own_ids(bench: Workbench) -> None:
    """Raises Wrong if two instances have one transactional id."""
    owners: dict[str, set[str]] = {}
    for event in bench.log:
        if event.what == INIT and event.name:
            owners.setdefault(event.name, set()).add(event.who)
    for name, users in owners.items():
        if len(users) > 1:
            raise Wrong(hints.SHARED_ID, "an id for each instance", f"{bench.cluster.logical(name)!r} for both")


def _owners(bench: Workbench) -> list[StudentProcess]:
    """Which process answers for each partition. Raises Wrong if it is one for all."""
    probes = [bench.requests.reserve(0), bench.requests.reserve(1)]
    _answered(bench, probes)
    found = [next(p for p in bench.processes.values() if bench.wrote(p, probe.order_id)) for probe in probes]
    if len({process.name for process in found}) == 1:
        raise Wrong(hints.ONE_WORKS, "one instance for each partition", f"{found[0].name} for both")
    return found


def _answered(bench: Workbench, requests: list[Reserve]) -> None:
    """Send the requests, and wait for their answers."""
    bench.send(requests)
    bench.until(lambda: bench.is_answered(*requests), STOPPED)


def _committed_outside(log: list[Event], order_id: str) -> bool:
    """Whether the order's offset was committed, and not in a transaction."""
    request = request_of(log, order_id)
    return any(event.what == COMMIT and event.covers(request) for event in log)


def _committed(bench: Workbench, process: StudentProcess, request: Reserve) -> None:
    """Wait until the process has told Kafka that the request is done. Raises WentWrong if it does not."""
    try:
        bench.until(lambda: _is_done(bench, process, request.order_id), hints.NEVER_COMMITS)
    except Wrong as wrong:
        if wrong.hint != hints.NEVER_COMMITS:
            raise
        expected = f"an offset of {process.name} behind {request.order_id}"
        raise WentWrong(wrong.hint, Finding(Kind.TWICE, request.order_id, expected, "none", wrong.observed)) from wrong


def _is_done(bench: Workbench, process: StudentProcess, order_id: str) -> bool:
    """Whether Kafka has heard from the process that the order is done."""
    mine = [event for event in list(bench.log) if event.who == process.name and event.answered]
    commits = [n for n, event in enumerate(mine) if event.covers(request_of(bench.log, order_id))]
    if not commits:
        return False
    return mine[commits[0]].what == COMMIT or any(e.what == END for e in mine[commits[0] :])


def _acts(bench: Workbench, process: StudentProcess, since: int) -> bool:
    """Whether the process has ended, in one way or the other, what it had in hand."""
    return any(e.who == process.name and e.answered and e.what in (COMMIT, END) for e in bench.log[since:])


def _is_back(bench: Workbench, process: StudentProcess, since: int) -> bool:
    """Whether the process has joined the group since then, and has asked for requests after that."""
    mine = [event for event in bench.log[since:] if event.who == process.name]
    joined = next((n for n, event in enumerate(mine) if event.what == JOINED), len(mine))
    return any(event.what == FETCH and bench.name(REQUESTS) in event.topics for event in mine[joined:])


def _knew_its_generation(bench: Workbench, process: StudentProcess) -> bool:
    """Whether the process has ever told Kafka its generation with the offsets of a transaction."""
    mine = [event for event in bench.log if event.who == process.name and event.what == COMMIT_IN_TRANSACTION]
    return any(event.generation >= 0 for event in mine)
