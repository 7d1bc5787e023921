"""TLS for a client: whom it trusts, and the certificate with which it shows who it is."""

import ssl
from pathlib import Path

SYSTEM = "system"
"""Instead of a CA's file: the CAs that this machine trusts anyway."""

_PEM = "-----BEGIN CERTIFICATE-----"


def context(ca: str, certificate: str = "") -> ssl.SSLContext:
    """`ca` is a PEM file, the PEM text itself, or SYSTEM; `certificate` a PEM file of key and chain, "" for none.

    Raises ValueError that names what can't be used.
    """
    made = _trusting(ca)
    if certificate:
        try:
            made.load_cert_chain(_file("certificate", "ECOMKAFKA_CERTIFICATE", certificate))
        except ssl.SSLError as error:
            raise ValueError(
                f"certificate {certificate!r} (ECOMKAFKA_CERTIFICATE): {error.reason or error}; a PEM file is needed "
                "that holds the private key and its certificate"
            ) from error
    return made


def is_text(ca: str) -> bool:
    """Whether it is the certificate itself, and not the name of a file."""
    return ca.startswith(_PEM)


def _trusting(ca: str) -> ssl.SSLContext:
    if ca in ("", SYSTEM):
        return ssl.create_default_context()
    if is_text(ca):
        return _loaded(cadata=ca)
    return _loaded(cafile=str(_file("CA file", "ECOMKAFKA_CA", ca)))


def _loaded(cafile: str | None = None, cadata: str | None = None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=cafile, cadata=cadata)
    except ssl.SSLError as error:
        raise ValueError(
            f"CA file {cafile or 'in the account'!r} (ECOMKAFKA_CA) holds no certificate: the CA's in PEM is needed, "
            f"which begins with {_PEM}"
        ) from error


def _file(what: str, variable: str, name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        raise ValueError(
            f"{what} {name!r:.200} ({variable}) is not there: correct the path, or ask whoever runs the cluster for it"
        )
    return path
