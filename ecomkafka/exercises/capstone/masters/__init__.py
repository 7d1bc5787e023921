"""One solution of each step: programs on bare kafka-python, as a student writes them."""
