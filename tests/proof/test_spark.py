"""Spark: the windows of a week to the penny; and on two workers of its own cluster, of which an executor is killed."""

import os
import subprocess
import sys

import psutil
import pytest

from benchmarks.weeks import events, expected, send
from ecomkafka.spark import StandaloneCluster, session
from ecomkafka.spark.five_minute_windows import figures, finish, start
from tests.integration.streams.week import events as all_events
from tests.integration.streams.week import send_again, shops_windows, sold
from tests.waiting import PATIENCE, eventually

EVERY = 7
"""Each seventh event is sent again."""

WEEKS = 8
BATCHES = 8
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.fixture(scope="module")
def shop(broker):
    with sold(broker.bootstrap) as running:
        yield running


def test_the_windows_of_a_week_are_equal_to_the_penny_and_stay_so_when_events_are_late_and_repeated(shop):
    before = shops_windows(shop)
    with session() as spark:
        finish(start(spark, shop.cluster))
        assert figures(spark) == before

        send_again(shop, all_events(shop)[::EVERY])
        finish(start(spark, shop.cluster))  # the second query goes on with the state of the first
        assert figures(spark) == shops_windows(shop) != before


def test_spark_starts_in_an_ascii_locale_from_a_folder_with_other_letters(tmp_path):
    temporary = tmp_path / "tü张 x"
    temporary.mkdir()
    code = "from ecomkafka.spark import session\nwith session() as spark: print(spark.range(5).count())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LC_ALL": "C", "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert done.stdout == "5\n"
    assert list(temporary.iterdir()) == []


def running_tasks(spark):
    """How many tasks each executor has, by the port at which it listens."""
    executors = spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
    return {executor.port(): executor.numRunningTasks() for executor in executors}


def sockets(process):
    """The addresses at which it listens."""
    return {socket.laddr for socket in process.net_connections() if socket.status == psutil.CONN_LISTEN}


def tasks_of(process, spark):
    running = running_tasks(spark)
    return sum(running.get(address.port, 0) for address in sockets(process))


def listening():
    """The interfaces at which any program of this test listens."""
    below = psutil.Process().children(recursive=True)
    alive = [process for process in below if process.status() != psutil.STATUS_ZOMBIE]
    return {address.ip for process in alive for address in sockets(process)}


@pytest.mark.timeout(480)
def test_an_executor_is_killed_in_the_middle_of_its_work_and_all_figures_are_equal(cluster):
    sent = list(events(WEEKS))
    send(cluster, sent)
    with StandaloneCluster(workers=2) as workers, session(workers.url) as spark:
        query = start(spark, cluster, per_batch=len(sent) // BATCHES)
        eventually(lambda: query.recentProgress, "the first batch is done", timeout=2 * PATIENCE)
        killed, other = workers.executors
        killed.suspend()  # what it has begun it does not end, so that it is seen to be at work
        eventually(lambda: tasks_of(killed, spark), "it has a task")
        done = sum(batch["numInputRows"] for batch in query.recentProgress)
        killed.kill()
        assert 0 < done < len(sent), "it was not in the middle of the work"

        finish(query, 4 * PATIENCE)
        assert figures(spark) == expected(sent)
        assert len(query.recentProgress) > BATCHES / 2
        assert sum(batch["numInputRows"] for batch in query.recentProgress) == len(sent)
        assert other in workers.executors
        assert killed not in workers.executors
        eventually(lambda: len(workers.executors) == 2, "a new one in the place of the other")
        assert listening() <= LOOPBACK
