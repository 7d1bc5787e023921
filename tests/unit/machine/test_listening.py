"""Where something can't be offered, the error names what is wrong: the port, or the address."""

import socket

import pytest

from ecomkafka.clients import Cluster
from ecomkafka.machine.listening import in_url, listener
from ecomkafka.telemetry.metrics.exporter import Exporter
from tests.waiting import PATIENCE

ELSEWHERE = "192.0.2.1"
"""An address for documentation, which no machine has."""


def test_an_address_that_is_not_this_machine_s_is_named_with_its_setting() -> None:
    with pytest.raises(RuntimeError, match=rf"^{ELSEWHERE} is no address of this machine \(.*: set ECOMKAFKA_LISTEN"):
        listener(ELSEWHERE, 0, "choose another one")
    with pytest.raises(RuntimeError, match=rf"^{ELSEWHERE} is no address of this machine \(.*: set ECOMKAFKA_LISTEN"):
        Exporter(Cluster.of("127.0.0.1:9"), lambda: [], host=ELSEWHERE).start()


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=rf"^port {port} of 127.0.0.1 can't be used \([^(]*\): choose another$"):
            listener("127.0.0.1", port, "choose another")
        with pytest.raises(RuntimeError, match=r"can't be used \([^(]*\): set ECOMKAFKA_METRICS to another one$"):
            Exporter(Cluster.of("127.0.0.1:9"), lambda: [], port=port).start()


def test_an_address_of_ipv6_is_listened_at_or_named_where_a_machine_has_none() -> None:
    if socket.has_dualstack_ipv6():
        with listener("::1", 0, "") as offered, socket.create_connection(offered.getsockname()[:2], timeout=PATIENCE):
            pass
    else:
        with pytest.raises(RuntimeError, match=r"^::1 is no address of this machine"):
            listener("::1", 0, "")


def test_an_address_of_ipv6_has_brackets_in_a_url() -> None:
    assert in_url("::1") == "[::1]"
    assert in_url("127.0.0.1") == "127.0.0.1"
