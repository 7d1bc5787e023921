"""The five steps as questions: what each does to the program, and its three hints."""

from ecomkafka.exercises.capstone import steps
from ecomkafka.exercises.capstone.program_question import ProgramQuestion

q1 = ProgramQuestion(
    "capstone.q1",
    steps.reads_and_answers,
    (
        "Two clients: one reads, one writes. What has to be known before the first request?",
        "Read `stock` to its end into a dict, then loop over the consumer's records: decide, write the products that "
        "changed, write the answer. A new group has to be told where to begin.",
        '`KafkaConsumer(requests, bootstrap_servers=kafka, group_id=group, auto_offset_reset="earliest")`, and '
        "`producer.send(responses, key=order_id.encode(), value=json.dumps(answer).encode())`.",
    ),
    "every request was answered, those from before the start too, and the stock is what is left.",
)
q2 = ProgramQuestion(
    "capstone.q2",
    steps.survives_a_kill,
    (
        "Two things become true in Kafka: the answer, and that the request is done. Which one first?",
        "No commit by timer. Write, wait until Kafka has it, then commit, then poll again.",
        "`enable_auto_commit=False`; keep the futures of `send` and call `future.get(timeout=30)` on each; then "
        "`consumer.commit()`.",
    ),
    "it was killed before its answer had reached Kafka, and the request came again and was answered.",
)
q3 = ProgramQuestion(
    "capstone.q3",
    steps.answers_once,
    (
        "How does the program know that an order has an answer, also right after a restart?",
        "The answers lie in a topic: read it at the start, as you read the stock; keep the orders in a set, add to it.",
        "`answered = {record.key.decode() for record in read_all(kafka, responses)}`; in the loop: "
        '`if request["order_id"] in answered: continue`.',
    ),
    "requests came twice, before and after a kill between answer and commit, and each has one answer.",
)
q4 = ProgramQuestion(
    "capstone.q4",
    steps.never_half,
    (
        "Three writes belong together: the answer, the stock, and how far you have read.",
        "A producer with a `transactional_id` that outlives a restart; per batch begin, send, send offsets, commit. "
        "And everybody who reads, you too, reads what is committed.",
        "`producer.init_transactions()` once; per batch `begin_transaction()`, the sends, "
        "`send_offsets_to_transaction({place: OffsetAndMetadata(last + 1, '', -1)}, consumer.group_metadata())`, "
        '`commit_transaction()`; `isolation_level="read_committed"` for each consumer.',
    ),
    "it was killed before the end of its transaction, nobody saw half of it, and the next life did it all.",
)
q5 = ProgramQuestion(
    "capstone.q5",
    steps.two_instances,
    (
        "What does an instance know about shelves that it has just been given, and who may commit for them?",
        "A rebalance gives the group a new generation. After each, read stock and answers anew, before the first "
        "request; and let Kafka compare generations when you send offsets. What is refused may end the program.",
        "`member = consumer.group_metadata()` after each poll; if `member.generation_id` has changed, read anew; then "
        "`send_offsets_to_transaction(offsets, member)`.",
    ),
    "one instance was frozen with an answer under way, the other took over, and the late commit was refused.",
)
