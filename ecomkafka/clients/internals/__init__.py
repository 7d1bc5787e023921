"""The private parts of kafka-python that the project needs: one function for each, with its reason.

kafka-python promises nothing about them. Before an upgrade of kafka-python this is the folder to open, and
`tests/integration/clients/test_internals.py` tries each function on the broker. "Since" was read from the sources of
2.0.2, 2.2.20, 2.3.1 and eight versions from 3.0.0 to 3.0.12, which is the pinned one.
"""
