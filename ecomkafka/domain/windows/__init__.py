"""Windows of event time: the figures of one, and when it is closed and what comes too late for it."""
