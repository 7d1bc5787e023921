"""The errors of the embedded broker."""


class BrokerError(RuntimeError):
    """One sentence for people: what is wrong, with which value, and what to do."""
