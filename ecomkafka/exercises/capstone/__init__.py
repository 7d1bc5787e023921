"""The capstone: an inventory service that the student writes on bare kafka-python, in five steps.

`from ecomkafka.exercises import capstone as ex`, then `ex.q1.check("inventory_1.py")`.
"""

from ecomkafka.exercises.capstone.questions import q1, q2, q3, q4, q5

__all__ = ["q1", "q2", "q3", "q4", "q5"]
