"""What the harness allows and sets: time limits, clients' settings, and the sentences for a program that stops."""

from typing import Any

from ecomkafka.clients import Cluster

SECONDS = 25.0
"""A program that does not do what is waited for within this time is ended."""

OFTEN = {
    "heartbeat_interval_ms": 300,  # a rebalance is heard of by heartbeat
    "auto_commit_interval_ms": 200,
    "bootstrap_timeout_ms": 10_000,
}
"""What happens often here, and rarely by default: 3 s, 5 s. A program's own settings count."""

ENDED = "Your program ended by itself. It has to run until somebody ends it: see what it said last."
ENDED_WELL = "Your program came to its end, without an error. A service reads on for ever: is there a loop around it?"
NEVER_READ = "Your program runs and has never asked Kafka for requests: subscribe to the topic `requests`, and poll."
STOPPED = "Your program has stopped answering: is there a wait, or a loop, that never ends?"


def clients(cluster: Cluster) -> dict[str, Any]:
    """The settings of clients that a student's program makes; `cluster` is reached through a proxy on this machine."""
    account = {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": cluster.mechanism,
        "sasl_plain_username": cluster.user,
        "sasl_plain_password": cluster.password,
    }
    return OFTEN | (account if cluster.user else {}) | {"proxy_url": cluster.proxy}
