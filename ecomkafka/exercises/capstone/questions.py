"""The five steps as questions: what each does to the program, and its three hints."""

from ecomkafka.exercises.capstone import steps
from ecomkafka.exercises.capstone.program_question import ProgramQuestion

q1 = ProgramQuestion(
    "capstone.q1",
    steps.reads_and_answers,
    "every request was answered, those from before the start too, and the stock is what is left.",
)
q2 = ProgramQuestion(
    "capstone.q2",
    steps.survives_a_kill,
    "it was killed before its answer had reached Kafka, and the request came again and was answered.",
)
q3 = ProgramQuestion(
    "capstone.q3",
    steps.answers_once,
    "requests came twice, before and after a kill between answer and commit, and each has one answer.",
)
q4 = ProgramQuestion(
    "capstone.q4",
    steps.never_half,
    "it was killed before the end of its transaction, nobody saw half of it, and the next life did it all.",
)
q5 = ProgramQuestion(
    "capstone.q5",
    steps.two_instances,
    "twice one instance was frozen with an answer under way, the other took over, and no order has two answers.",
)
