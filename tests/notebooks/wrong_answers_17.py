"""Wrong answers to the exercises of lesson 17, and the hint that is meant for each."""

import itertools
from collections.abc import Callable
from typing import Any

from ecomkafka.exercises.lesson_17 import alert_question, questions, trace_question

Wrong = tuple[Callable[..., Any], str]


def none_is_no_lag(committed: int | None, first: int, end: int) -> int:
    return 0 if committed is None else end - max(committed, first)


def from_zero(committed: int | None, first: int, end: int) -> int:
    return end - (committed or 0) if committed is not None else end - first


def between_the_two(committed: int | None, first: int, end: int) -> int:
    return questions.lag(committed, first, end) - 1


def the_first_of_all(records: list[Any], now: int) -> float:
    return max(((now - record.timestamp) / 1_000 for record in records), default=0.0)


def without_the_cancelled(records: list[Any], now: int) -> float:
    return questions.oldest([record for record in records if record.message.type != "ORDER_CANCELLED"], now)


def the_youngest(records: list[Any], now: int) -> float:
    ended = {record.message.order_id for record in records if record.message.type != "ORDER_CREATED"}
    waiting = [record.timestamp for record in records if record.message.order_id not in ended]
    return (now - max(waiting)) / 1_000 if waiting else 0.0


def in_milliseconds(records: list[Any], now: int) -> float:
    return 1_000 * questions.oldest(records, now)


def an_age_of_nobody(records: list[Any], now: int) -> float:
    return questions.oldest(records, now) or now / 1_000


def mean_of_percentiles(histograms: list[dict[float, int]], share: float) -> float:
    each = [questions.quantile([one], share) for one in histograms]
    return sum(each) / len(each)


def the_worst(histograms: list[dict[float, int]], share: float) -> float:
    return max(questions.quantile([one], share) for one in histograms)


def adds_what_is_added(histograms: list[dict[float, int]], share: float) -> float:
    total = sum(max(one.values()) for one in histograms)
    seen = 0
    for bound in sorted(histograms[0]):
        seen += sum(one[bound] for one in histograms)
        if seen >= share * total:
            return bound
    return 0.0


def more_than_the_share(histograms: list[dict[float, int]], share: float) -> float:
    total = {bound: sum(one[bound] for one in histograms) for bound in histograms[0]}
    above = [bound for bound, count in total.items() if count > share * max(total.values())]
    return min(above, default=max(total))


def neighbours(records: list[Any]) -> tuple[str, str]:
    row = sorted(records, key=lambda record: record.timestamp)
    pairs = [(after.timestamp - before.timestamp, before, after) for before, after in itertools.pairwise(row)]
    _, before, after = max(pairs, key=lambda pair: pair[0])
    return str(before.position), str(after.position)


def of_all_steps(records: list[Any]) -> tuple[str, str]:
    places = {str(record.position): record for record in records}
    steps = [
        (record.timestamp - places[cause].timestamp, cause, str(record.position))
        for record in records
        if (cause := record.header("causation")) in places
    ]
    return max(steps)[1:]


def the_last_step(records: list[Any]) -> tuple[str, str]:
    last = max(records, key=lambda record: record.timestamp)
    return last.header("causation"), str(last.position)


def backwards(records: list[Any]) -> tuple[str, str]:
    before, after = trace_question.slowest(records)
    return after, before


def by_the_lag(history: list[Any]) -> bool:
    return (history[-1].lag or 0) > 1_000


def only_the_age(history: list[Any]) -> bool:
    return (history[-1].age or 0) > 40


def at_once(history: list[Any]) -> bool:
    return not history[-1].up or only_the_age(history)


def impatient(history: list[Any]) -> bool:
    return not any(sample.up for sample in history[-6:]) or (history[-1].age or 0) > 20


def nothing_ends(history: list[Any]) -> bool:
    ended = [sample.ended for sample in history[-12:]]
    return len(ended) == 12 and ended[0] == ended[-1]


def never_ends(history: list[Any]) -> bool:
    return any(alert_question.page(history[: number + 1]) for number in range(len(history)))


def nobody_ends_anything(history: list[Any]) -> bool:
    """The crowd is watched, and only by day."""
    busy = [sample.ended or 0 for sample in history[-12:]]
    return not any(sample.up for sample in history[-6:]) or (
        len(busy) == 12 and len(set(busy)) == 1 and busy[0] < 1_000
    )


WRONG: dict[str, list[Wrong]] = {
    "17.q1": [
        (none_is_no_lag, questions.NEVER),
        (from_zero, questions.DELETED),
        (between_the_two, questions.NEXT),
    ],
    "17.q2": [
        (the_first_of_all, questions.ENDED),
        (without_the_cancelled, questions.CANCELLED),
        (the_youngest, questions.OLDEST),
        (in_milliseconds, questions.SECONDS),
        (an_age_of_nobody, questions.NOBODY),
    ],
    "17.q3": [
        (mean_of_percentiles, questions.OF_PERCENTILES),
        (the_worst, questions.THE_WORST),
        (adds_what_is_added, questions.CUMULATIVE),
        (more_than_the_share, questions.AT_LEAST),
    ],
    "17.q4": [
        (neighbours, trace_question.NEIGHBOURS),
        (of_all_steps, trace_question.OTHER_STEP),
        (the_last_step, trace_question.OTHER_STEP),
        (backwards, trace_question.FIRST_THE_CAUSE),
    ],
    "17.q5": [
        (by_the_lag, alert_question.BUSY),
        (only_the_age, alert_question.DEAD),
        (at_once, alert_question.RESTART),
        (impatient, alert_question.PATIENCE),
        (nothing_ends, alert_question.QUIET),
        (never_ends, alert_question.OVER),
        (nobody_ends_anything, alert_question.STUCK),
        (lambda history: False, alert_question.SILENT),
    ],
}
