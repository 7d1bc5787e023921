"""Wrong programs for the capstone: a master with some lines changed, and the hint that is meant for what that does."""

from importlib.resources import files
from typing import NamedTuple

from ecomkafka.exercises.capstone import hints
from ecomkafka.exercises.capstone.findings import Kind

MASTERS = files("ecomkafka.exercises.capstone.masters")


class WrongProgram(NamedTuple):
    step: int
    name: str
    hint: str
    changes: tuple[tuple[str, str], ...]

    @property
    def source(self) -> str:
        text = (MASTERS / f"inventory_{self.step}.py").read_text(encoding="utf-8")
        for old, new in self.changes:
            assert text.count(old) == 1, (self.name, old, text.count(old))
            text = text.replace(old, new)
        return text


WAITS = "            for future in sent:\n                future.get(timeout=30)\n        consumer.commit()\n"
KNOWS = "    answered = {record.key.decode() for record in read_all(kafka, responses)}\n"
COMMITS = "        producer.send_offsets_to_transaction(offsets, member)\n        producer.commit_transaction()\n"
ANSWERS = 'producer.send(responses, json.dumps(answer).encode(), answer["order_id"].encode())'
LOOKS = (
    "            left = {record.key.decode(): int(record.value) for record in read_all(kafka, stock)}\n"
    "            answered = {record.key.decode() for record in read_all(kafka, responses)}\n"
)
ENDS = (
    "    with KafkaConsumer(bootstrap_servers=kafka) as everything:  # an open transaction is waited for\n"
    "        ends = everything.end_offsets(places)\n"
)

WRONG = (
    WrongProgram(1, "reads from now on", hints.LATEST, ((', auto_offset_reset="earliest"', ""),)),
    WrongProgram(
        1,
        "takes what it finds",
        hints.STEP_1[Kind.OTHER],
        (
            (
                '"shortages": short}, {}',
                '"shortages": short}, {p: left[p] - n for p, n in request["items"] if n <= left[p]}',
            ),
        ),
    ),
    WrongProgram(
        1, "lets the key choose the partition", hints.STEP_1[Kind.PLACE], ((", partition=record.partition", ""),)
    ),
    WrongProgram(
        2,
        "commits before it answers",
        hints.COMMIT_FIRST,
        (
            ("            sent = []\n", "            sent = []\n            consumer.commit()\n"),
            ("        consumer.commit()\n\n", "\n"),
        ),
    ),
    WrongProgram(
        2,
        "commits by timer and does not wait for its answers",
        hints.AUTO_COMMIT,
        (("enable_auto_commit=False,\n    )", "enable_auto_commit=True,\n    )"), (WAITS, "")),
    ),
    WrongProgram(2, "never commits", hints.NEVER_COMMITS, (("        consumer.commit()\n\n", "\n"),)),
    WrongProgram(
        3, "remembers nothing", hints.NO_MEMORY, (('                answered.add(request["order_id"])\n', ""),)
    ),
    WrongProgram(3, "remembers in memory", hints.MEMORY_DIED, ((KNOWS, "    answered = set()\n"),)),
    WrongProgram(
        4,
        "answers outside of its transaction",
        hints.HALF,
        (
            (
                "    consumer = KafkaConsumer(\n",
                "    plain = KafkaProducer(bootstrap_servers=kafka)\n    consumer = KafkaConsumer(\n",
            ),
            (ANSWERS, ANSWERS.replace("producer", "plain")),
        ),
    ),
    WrongProgram(
        4,
        "commits its offsets outside of its transaction",
        hints.OFFSETS_OUTSIDE,
        ((COMMITS, "        consumer.commit(offsets)\n        producer.commit_transaction()\n"),),
    ),
    WrongProgram(
        4,
        "has another transactional id in each life",
        hints.OPEN,
        (("transactional_id=name", "transactional_id=name + str(__import__('uuid').uuid4())"),),
    ),
    WrongProgram(
        4,
        "reads requests that were never made",
        hints.UNCOMMITTED,
        (('        isolation_level="read_committed",\n', ""),),
    ),
    WrongProgram(
        4,
        "takes aborted answers for answers",
        hints.BELIEVED,
        ((', enable_auto_commit=False, isolation_level="read_committed")', ", enable_auto_commit=False)"),),
    ),
    WrongProgram(
        4,
        "has no transaction",
        hints.NO_TRANSACTION,
        (
            (", transactional_id=name, retry_backoff_ms=5", ""),
            ("        member = consumer.group_metadata()\n", ""),
            ("    producer.init_transactions()  # ends what an earlier life of this name has left open\n", ""),
            ("        producer.begin_transaction()\n", ""),
            (COMMITS, "        consumer.commit(offsets)\n"),
        ),
    ),
    WrongProgram(
        5,
        "tells Kafka its group and not its generation",
        hints.ZOMBIE,
        (("(offsets, member)", "(offsets, group)"),),
    ),
    WrongProgram(
        5,
        "asks for its generation when it is too late",
        hints.ZOMBIE_LATE,
        (("(offsets, member)", "(offsets, consumer.group_metadata())"), ("        group_instance_id=name,\n", "")),
    ),
    WrongProgram(
        5,
        "reads to the last stable offset",
        hints.FORGOTTEN,
        ((ENDS, "    ends = consumer.end_offsets(places)\n"),),
    ),
    WrongProgram(
        5,
        "waits a minute for an open transaction",
        hints.WAITS_FOR_OPEN,
        ((', "transaction_timeout_ms": 10_000', ""),),
    ),
    WrongProgram(
        5, "shares one transactional id", hints.SHARED_ID, (('"transactional_id": name', '"transactional_id": group'),)
    ),
    WrongProgram(
        5,
        "looks at the shelves when it starts",
        hints.STALE,
        (("        if member.generation_id != generation:", "        if generation is None:"),),
    ),
)
