"""The registry's client without a registry."""

import pytest

from ecomkafka.broker.ports import free_ports
from ecomkafka.registry.client import Registry, RegistryError


def test_a_registry_that_is_not_there_is_told_in_one_sentence() -> None:
    (port,) = free_ports(1)
    with pytest.raises(RegistryError) as caught:
        Registry(f"http://127.0.0.1:{port}").schema(7)
    said = str(caught.value)
    assert f"the registry at http://127.0.0.1:{port} does not answer" in said
    assert "GET /schemas/ids/7 is not known" in said
    assert "ecomkafka registry status" in said
