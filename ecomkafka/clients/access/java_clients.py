"""How Kafka's own clients, which are Java's, get into the same cluster."""

from pathlib import Path

from ecomkafka.clients.access.account import Access
from ecomkafka.clients.access.tls import SYSTEM, is_text


def java_settings(access: Access) -> dict[str, str]:
    """Their settings, which say the same as kafka-python's."""
    settings = {"security.protocol": access.protocol}
    if access.user:
        module = f"{'plain.Plain' if access.mechanism == 'PLAIN' else 'scram.Scram'}LoginModule"
        login = f'username="{_quoted(access.user)}" password="{_quoted(access.password)}";'
        settings["sasl.mechanism"] = access.mechanism
        settings["sasl.jaas.config"] = f"org.apache.kafka.common.security.{module} required {login}"
    if access.ca not in ("", SYSTEM):
        ca = access.ca if is_text(access.ca) else Path(access.ca).read_text(encoding="ascii")
        settings |= {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": ca}
    if access.certificate:
        settings |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": access.certificate}
    return settings


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
