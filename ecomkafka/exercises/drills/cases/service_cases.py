"""Cases of a service that does not do its work."""

from ecomkafka.exercises.drills.case import Case
from ecomkafka.exercises.drills.scene import Scene
from ecomkafka.shop.instances import Staff, processes

_BESIDE = (
    "It would do the work of the one that stands still, which would still be missing: bring that one back, and look "
    "then whether one more is needed."
)


def _freeze(scene: Scene) -> None:
    (process,) = (process for process in processes(scene.shop) if process.service == "inventory")
    process.pause()
    scene.on_close(process.resume)
    scene.orders()


STILL = Case(
    name="still",
    story="Orders are taken, and then nothing. After half a minute each one is cancelled. It is so at both doors.",
    cause="frozen",
    cures=("resume", "restart"),
    hints=(
        "How far does a new order come? Its trace ends somewhere: who should have written the next record?",
        "Who is behind in `groups`? Look for the process of that service, and at what it does.",
        "`processes` shows inventory in the state 'stopped': it lives, and is not allowed to run (T in `ps`).",
    ),
    praise="A frozen process keeps its connections and says nothing: Kafka gives it up after the session timeout.",
    strike=_freeze,
    against={"add-instance": _BESIDE},
    options={"processes": True},
)


def _stop(scene: Scene) -> None:
    (worker,) = (worker for worker in Staff(scene.shop).instances if worker.name == "notification")
    worker.stop()
    scene.await_ends(scene.orders())


ABSENT = Case(
    name="absent",
    story="Orders are confirmed as always. But since noon no customer has got a mail, and no mail has failed either.",
    cause="ended",
    cures=("restart",),
    hints=(
        "Where do the requests to tell a customer lie, and how many of them are not handled?",
        "A group that is behind and does not move: who is in it?",
        "`groups` shows notification-service as Empty, and `processes` its service as ended.",
    ),
    praise="Nothing complains when nobody reads: lag without members is what an alarm has to watch.",
    strike=_stop,
    against={"add-instance": _BESIDE},
)
