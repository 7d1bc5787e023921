"""What each producer setting makes of a lost request and a lost acknowledgement, on the broker."""

from ecomkafka.lessons.producer_retries import WAYS, measure


def test_each_way_loses_or_doubles_what_the_lesson_says(cluster):
    frame = measure(cluster, "quarantine", records=2)
    found = {(row["producer"], row["fault"]): tuple(row[2:]) for _, row in frame.iterrows()}
    silent, hasty, stubborn, idempotent, insisting = WAYS
    lost, unanswered = "request lost", "acknowledgement lost"
    # sent, errors raised, missing, copies
    assert found == {
        (silent, lost): (2, 0, 2, 0),
        (silent, unanswered): (2, 0, 0, 0),
        (hasty, lost): (2, 2, 2, 0),
        (hasty, unanswered): (2, 2, 0, 0),
        (stubborn, lost): (2, 0, 0, 0),
        (stubborn, unanswered): (2, 0, 0, 2),
        (idempotent, lost): (2, 0, 0, 0),
        (idempotent, unanswered): (2, 0, 0, 0),
        (insisting, lost): (2, 2, 0, 0),
        (insisting, unanswered): (2, 2, 0, 2),
    }
