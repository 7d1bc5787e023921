"""Strikes at a shop whose every connection is encrypted and needs an account: the proxy, which decrypts what passes and
encrypts it again, does them as it does without TLS, and nothing is lost.

A whole run of them is `ecomkafka chaos --tls`.
"""

from tests.proof.load import first_orders, load

TABLE = [
    ("broker-kill", "node-1", 0.0),  # it comes back with a new certificate
    ("network-half-open", "all", 0.0),
    ("answers-lost", "EndTxn", 2.0),
    ("requests-late", "EndTxn", 2.0),
]


def test_over_tls_orders_flow_again_after_each_strike_and_nothing_is_lost():
    with load(tls=True) as running:
        assert running.shop.client_cluster.access.protocol == "SASL_SSL"
        with running.ordering(seed=1):
            first_orders(running)
            for fault, target, lasts in TABLE:
                running.strike(fault, target, lasts)
        assert running.violations() == {}
