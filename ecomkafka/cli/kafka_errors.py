"""Errors of a Kafka that refuses or is gone: the sentence for them, with the node of ours that has died."""

import sys

_KINDS = {"kafka.errors": "KafkaError", "ecomkafka.clients.transaction": "UnknownOutcomeError"}


def kafka_errors() -> tuple[type[Exception], ...]:
    """Those that can have been raised: every command comes by here, and loading Kafka's client takes long."""
    return tuple(getattr(sys.modules[module], kind) for module, kind in _KINDS.items() if module in sys.modules)


def told(error: Exception) -> str | Exception:
    """What to say of `error`. Where Kafka was not reached and is our own, first which node has died, and of what."""
    if not isinstance(error, (ConnectionError, TimeoutError, *kafka_errors())):
        return error
    from ecomkafka.broker.shared import deaths

    return "; ".join([*deaths(), _in_words(error)])


def _in_words(error: Exception) -> str:
    if isinstance(error, kafka_errors()):
        return f"Kafka has refused this or is gone ({error}): 'ecomkafka doctor' tells, 'ecomkafka up' starts it again"
    return str(error)
