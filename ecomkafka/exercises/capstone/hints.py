"""What the capstone says to a program that is wrong: the cause, and where to look."""

from ecomkafka.exercises.capstone.findings import Kind

LATEST = (
    "Requests that were there before the program started were never read. A group without a committed offset begins "
    'where `auto_offset_reset` says, and that is "latest" unless you say "earliest".'
)
LOST = "A request was never answered. Each request has to come to the line that sends its answer."
TWICE = "One request was made, and two answers went out."
COMMIT_FIRST = (
    "The offset was committed before the answer was sent. The program was killed in between, so the group went on "
    "behind that request, and nobody will ever answer it. First the answer, then the commit."
)
NEVER_COMMITS = (
    "Every request has its answer, and the group has no offset behind them: after each restart the program reads and "
    "answers all of them again. Commit as soon as Kafka has the answers."
)
BELIEVED = (
    "Its answer lies in the log, aborted: `read_all` has taken it for one. Give its consumer "
    '`isolation_level="read_committed"`.'
)
AUTO_COMMIT = (
    "The offset was committed while the answer was still on its way to Kafka; then the program was killed. `send` "
    "only puts a record into a buffer. Wait until Kafka has it (`flush`, or the future's `get`), commit yourself after "
    "that, and set `enable_auto_commit=False`."
)
NO_MEMORY = (
    "The request came twice, and you answered twice. Kafka delivers at least once and clients ask again, so the "
    "program has to know which orders it has answered."
)
MEMORY_DIED = (
    "What the program knew was in its memory, and that died with it. After the restart the request came again, and "
    "was answered again. Which orders have an answer can be read at the start: the answers lie in `responses`."
)
NO_TRANSACTION = (
    "Nothing of this answer was in a transaction: a kill between any two of its writes leaves half. Begin one, write "
    "answer and stock with the same producer, send the offsets to the transaction, commit."
)
HALF = (
    "The program was killed before it committed its transaction, and readers see one of the two writes. Answer and "
    "stock have to be sent by the same transactional producer, between begin and commit."
)
OFFSETS_OUTSIDE = (
    "`consumer.commit()` counted at once, and the transaction with the answer was never committed: the request is "
    "lost. The offsets belong into the transaction: `producer.send_offsets_to_transaction(…)`."
)
OPEN = (
    "The transaction of the program that was killed is still open: nobody may end it but a producer with the same "
    "`transactional_id`. Until it times out, read_committed readers wait in front of it and see nothing of what comes "
    "after it. Give each instance an id that is the same after a restart (`name`), and call `init_transactions()`."
)
UNCOMMITTED = (
    "That request lies in the log, and its transaction was aborted: it was never made. kafka-python reads it all the "
    'same, unless the consumer has `isolation_level="read_committed"`.'
)
SHARED_ID = (
    "Both instances use one `transactional_id`, so each fences the other when it starts, though nothing is wrong with "
    "it. An id names one instance: `name` is another one for each."
)
ONE_WORKS = "One instance answers for both partitions. Both have to be members of the group `group`, by `subscribe`."
NO_TAKE_OVER = "The frozen instance was thrown out of the group, and the other one did not answer in its place."
ZOMBIE = (
    "Both instances have answered: the one that took over, and the frozen one when it thawed. Its late commit was "
    "accepted, because Kafka could not see that it is out of date. `send_offsets_to_transaction` needs the consumer's "
    "`group_metadata()`, which has its generation; the group's bare name has none."
)
ZOMBIE_LATE = (
    "Both instances have answered: the one that took over, and the frozen one when it thawed. Its offsets came without "
    "a generation, so Kafka could not see that it is out of date: `group_metadata()` was asked after the member had "
    "been thrown out. Ask for it right after `poll`."
)
WAITS_FOR_OPEN = (
    "The other instance waits for the open transaction of the frozen one. Kafka aborts it after the time-out that its "
    "producer has set, 60 s by default: set `transaction_timeout_ms`, 10_000 for example."
)
FORGOTTEN = (
    "The answer was in `responses` before the order was asked again, behind the open transaction of a frozen instance. "
    "A read_committed reader's `end_offsets` end in front of that transaction, so at the rebalance the program forgot "
    "what it had answered itself. Take the ends with a consumer without isolation level, read committed up to there."
)
STALE = (
    "The instance has decided by stock that was true when it started, and another one has sold from these shelves "
    "since. Whoever gets a partition has to read its stock anew, before the first request."
)

_ALWAYS = {
    Kind.GARBAGE: "A program that reads this topic expects the format in the table above.",
    Kind.PLACE: "A product's levels lie where its warehouse's requests lie: `partition=record.partition`.",
    Kind.KEY: "An answer is found by its order: the record's key is the `order_id`, as bytes.",
    Kind.UNASKED: "No such request lies in the topic `requests`.",
    Kind.LOST: LOST,
    Kind.TWICE: TWICE,
    Kind.OTHER: "All of an order's items are held, or none of them, and an order that is refused takes nothing.",
    Kind.NEGATIVE: "You have promised what is not there. Look at all items before you take the first.",
    Kind.LEVEL: "In `stock` the newest record of a product says what is left: write one for each change.",
}
STEP_1 = _ALWAYS
STEP_2 = _ALWAYS | {
    Kind.OTHER: "After the restart the answer was another one. Read at the start what is on the shelves.",
}
STEP_3 = _ALWAYS | {Kind.TWICE: NO_MEMORY}
STEP_4 = STEP_3 | {
    Kind.UNASKED: UNCOMMITTED,
    Kind.TWICE: "The transaction was cut off and the request came again; its first answer must not be visible.",
    Kind.LEVEL: "What an aborted transaction wrote into `stock` was read as if it were true: read what is committed.",
}
STEP_5 = STEP_4 | {Kind.TWICE: ZOMBIE, Kind.OTHER: STALE, Kind.NEGATIVE: STALE, Kind.LEVEL: STALE}
